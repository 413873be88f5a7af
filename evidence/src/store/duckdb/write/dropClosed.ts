import type { DayFiles } from '../days/dayFiles.ts';
import type { Session } from '../engine/session.ts';

/**
 * Takes away open requests that a day holds in this or a later version. The day's transaction comes before the one that
 * closes them, so a kill between the two leaves both; until the stream is read again a query would show the request
 * twice.
 */
export async function dropClosed(session: Session, days: DayFiles): Promise<void> {
  const [least] = await session.rows('SELECT min(seq) FROM store.open');
  const oldest = least?.[0];
  if (typeof oldest !== 'number') return;
  for (const table of days.all.filter(({ maxSeq }) => maxSeq >= oldest).flatMap(({ tables }) => tables)) {
    await session.run(
      `DELETE FROM store.open WHERE rowid IN (
        SELECT o.rowid FROM store.open o JOIN ${table} r ON r.k1 = o.k1 AND r.k2 = o.k2
        WHERE r.seq >= o.seq AND r.environment = o.environment
          AND r.request_uuid IS NOT DISTINCT FROM o.request_uuid
          AND r.request_text IS NOT DISTINCT FROM o.request_text
          AND r.trace_uuid IS NOT DISTINCT FROM o.trace_uuid
          AND r.trace_text IS NOT DISTINCT FROM o.trace_text AND r.n = o.n)`,
    );
  }
}
