import type { Gate } from '../engine/gate.ts';
import type { Session } from '../engine/session.ts';
import type { Day, DayFiles } from './dayFiles.ts';

/** What a query reads: the table of open requests and some days, all as they were at one moment. */
export interface Snapshot {
  readonly days: readonly Day[];
  /** Position of the store at that moment. */
  readonly position: number;
}

/**
 * Begins a transaction and touches every file that the query will read, so that the engine fixes what it sees of each,
 * while the gate keeps the writer from committing to one and not yet to the next.
 */
export function beginSnapshot(
  session: Session,
  { gate, days, position }: { readonly gate: Gate; readonly days: DayFiles; position(): number },
  choose: (days: DayFiles) => readonly Day[],
): Promise<Snapshot> {
  return gate.shared(async () => {
    const chosen = choose(days);
    await session.run('BEGIN TRANSACTION READ ONLY');
    const touches = ['store.meta', ...chosen.map(({ db }) => `${db}.meta`)].map((table) => `FROM ${table} SELECT 1`);
    await session.run(`SELECT 1 FROM (${touches.join(' UNION ALL ')}) LIMIT 0`);
    // Copies: what the writer commits later is not part of it.
    return { days: chosen.map((day) => ({ ...day })), position: position() };
  });
}
