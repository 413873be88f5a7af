import type { Feed } from '@aisix-observability/evidence';
import { attemptEvents } from './events.ts';
import { terminalOf } from './terminal.ts';
import type { Evidence } from './window.ts';

/** How long assembly waits for what is still missing, in milliseconds of the server's clock. */
export interface Patience {
  /**
   * For the other feed, when that one is alive but has not told of this request: both flush every second and retry
   * for some seconds (facts B.1, K.2).
   */
  readonly feedGraceMillis: number;
  /**
   * For a winner, when all attempts so far failed: failed attempts are sent when dispatch returns, the winner at the
   * end of its stream. A winner that takes longer corrects the request under the same ids.
   */
  readonly failedGraceMillis: number;
}

export const DEFAULT_PATIENCE: Patience = { feedGraceMillis: 5_000, failedGraceMillis: 15_000 };

/** `complete`: nothing more is expected. Otherwise which grace applies. */
export type Missing = 'nothing' | 'feed' | 'winner';

/**
 * What a request still waits for.
 *
 * @param expected Feeds that are alive for this environment and event time.
 */
export function missingFrom(evidence: Evidence, expected: ReadonlySet<Feed>): Missing {
  const events = attemptEvents(evidence);
  const terminal = terminalOf(events);
  const ended = evidence.server !== undefined || terminal?.certain === true;
  if (!ended) return 'winner';
  const told = terminal?.event;
  // A SERVER span with a status that no event explains: the event that ended the request is still on its way.
  const unexplained =
    evidence.server?.statusCode !== undefined &&
    told?.status !== undefined &&
    told.status !== evidence.server.statusCode;
  if (unexplained || (told !== undefined && !hasAllBefore(told.index, events))) return 'feed';
  if (expected.has('span') && evidence.server === undefined) return 'feed';
  if (expected.has('usage') && !events.some((event) => event.usage !== undefined)) return 'feed';
  return 'nothing';
}

/** Attempt numbers start at 0 and have no holes; a hole is an event that was lost or is late. */
function hasAllBefore(index: number, events: readonly { readonly index: number }[]): boolean {
  const before = new Set<number>();
  for (const event of events) if (event.index < index) before.add(event.index);
  return before.size === index;
}
