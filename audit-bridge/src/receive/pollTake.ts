import type { AdaptContext } from '../adapt/adapted.ts';
import { adaptPolled } from '../adapt/polled.ts';
import type { ChangeObservation, FeedRef, Observe } from '../model/observation.ts';
import type { FeedJournal } from './feedJournal.ts';
import { AuditPollError } from './pollFault.ts';
import type { PollSource } from './pollSource.ts';

/** Of the overlap: rows of minutes come again with every poll, and the ledger need not hear of them. */
const MAX_REMEMBERED = 20_000;

export interface RowTakerOptions extends Pick<AdaptContext, 'redactor' | 'environmentOf'> {
  readonly feed: FeedRef;
  readonly source: PollSource;
  readonly environment?: string;
  readonly observe: Observe;
  readonly now: () => number;
  readonly journal: FeedJournal;
}

export interface TakenRows {
  /** Rows that were not known. */
  readonly count: number;
  /** Epoch milliseconds of all rows that could be read, in their order. */
  readonly times: readonly number[];
}

export interface RowTaker {
  /**
   * Makes the rows of one page durable, those that are known already left out.
   *
   * @throws AuditPollError `ledger_unavailable`.
   */
  take(rows: readonly unknown[]): Promise<TakenRows>;
}

export function createRowTaker(options: RowTakerOptions): RowTaker {
  const { source, observe, now, journal } = options;
  /** By observation id: hash of its content, so that a row that was changed later is seen. */
  const known = new Map<string, string | undefined>();
  const told = new Set<string>();

  function remember(observation: ChangeObservation): void {
    if (known.size >= MAX_REMEMBERED) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    known.set(observation.observationId, observation.contentHash);
  }

  /** A bad row comes again with every poll of the overlap; it is counted once. */
  function isFirst(row: unknown): boolean {
    const key = options.redactor.digest(JSON.stringify(row));
    if (told.has(key)) return false;
    if (told.size >= MAX_REMEMBERED) told.clear();
    told.add(key);
    return true;
  }

  function adapted(row: unknown, context: AdaptContext): ChangeObservation[] {
    const result = adaptPolled(row, source.shape, context);
    if ('observation' in result) return [result.observation];
    if (!isFirst(row)) return [];
    if ('refused' in result) journal.event(result.refused.code, result.refused.message);
    else journal.ignored(result.ignored);
    return [];
  }

  return {
    async take(rows) {
      const context: AdaptContext = { ...options, trust: 'polled', now: now() };
      const observations = rows.flatMap((row) => adapted(row, context));
      const times = observations.map(({ occurredAt = 0 }) => occurredAt);
      const fresh = observations.filter(({ observationId, contentHash }) => known.get(observationId) !== contentHash);
      if (fresh.length > 0) {
        const { conflicts } = await observe(fresh).catch((error: unknown) => {
          throw new AuditPollError('ledger_unavailable', ` (${error instanceof Error ? error.name : 'unknown'})`);
        });
        if (conflicts.length > 0) journal.conflicts(conflicts.length);
        journal.accepted(fresh.length - conflicts.length);
        fresh.forEach(remember);
      }
      return { count: fresh.length, times };
    },
  };
}
