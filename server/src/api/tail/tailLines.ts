import type { ChangedPage, ChangedQuery, EvidenceStore } from '@aisix-observability/evidence';
import { asApiError } from '../answer/fail.ts';
import type { RunLimits } from '../limits.ts';
import type { TailPlace } from '../query/cursor.ts';
import { type Wakeups, waitFor } from './wait.ts';

/** Why a tail ended; the last line says it. */
export type TailEnd = 'token_expired' | 'stopping' | 'query_timeout' | 'store_unavailable' | 'failed';

export interface TailOptions {
  readonly query: Pick<ChangedQuery, 'scope' | 'filters' | 'text'>;
  readonly start: TailPlace;
  readonly cursorOf: (place: TailPlace) => string;
  readonly position: EvidenceStore['position'];
  readonly changed: (query: ChangedQuery) => Promise<ChangedPage>;
  readonly wakeups: Wakeups;
  readonly limits: Pick<RunLimits, 'tailRows' | 'tailIntervalMillis' | 'tailHeartbeatMillis' | 'tailBehind'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted when the tail shall end: with a `TailEnd` as reason, or with anything else when nobody listens any more. */
  readonly end: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** Queries that fail in a row before a tail gives up: a busy moment is no reason, a store that is gone is. */
const FAILURES = 5;

/**
 * Lines of a live tail, each a JSON object with the cursor to go on from:
 * `{"requests":[…]}` new or changed requests, `{"heartbeat":ms}` after silence, `{"missed":{from,to}}` when the client
 * was too far behind and what was stored in between has to be searched for, `{"end":reason}` as the last line.
 *
 * Nothing is read ahead: the store is asked for a page when the client has taken the one before, so that a slow client
 * costs a page and no more.
 */
export async function* tailLines(options: TailOptions): AsyncGenerator<string> {
  const { query, cursorOf, position, wakeups, limits, now, end } = options;
  const place = { ...options.start };
  const line = (content: string) => `{${content},"cursor":${JSON.stringify(cursorOf(place))}}\n`;
  const heartbeat = () => line(`"heartbeat":${now()}`);
  let failures = 0;
  yield heartbeat();
  while (!end.aborted) {
    const stored = position();
    if (stored - place.version > limits.tailBehind || stored < place.version) {
      const missed = { from: place.shownAt, to: now() };
      place.version = stored;
      place.shownAt = missed.to;
      yield line(`"missed":${JSON.stringify(missed)}`);
      continue;
    }
    const asked = now();
    let page: ChangedPage | undefined;
    try {
      page = await options.changed({ ...query, afterVersion: place.version, limit: limits.tailRows });
      failures = 0;
    } catch (error) {
      if (end.aborted) break;
      failures += 1;
      if (failures >= FAILURES) {
        options.onFailure(error);
        yield line(`"end":${JSON.stringify(endOf(error))}`);
        return;
      }
    }
    if (page !== undefined) {
      place.version = page.version;
      if (page.version >= stored) place.shownAt = asked;
      if (page.count > 0) yield line(`"requests":${page.requests}`);
    }
    await waitFor(limits.tailIntervalMillis, end);
    if (page === undefined || page.version < position()) continue;
    if ((await wakeups.next(limits.tailHeartbeatMillis, end)) === 'silence') yield heartbeat();
  }
  if (isTailEnd(end.reason)) yield line(`"end":"${end.reason}"`);
}

function endOf(error: unknown): TailEnd {
  const code = asApiError(error)?.code;
  return isTailEnd(code) ? code : 'failed';
}

function isTailEnd(reason: unknown): reason is TailEnd {
  return (
    reason === 'token_expired' ||
    reason === 'stopping' ||
    reason === 'query_timeout' ||
    reason === 'store_unavailable' ||
    reason === 'failed'
  );
}
