import { DAY_MICROS, DAY_MILLIS } from '../days/dayName.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';

/** Whole days that ended by then: their files, and the open requests that started then. */
export async function dropDays(
  time: number,
  session: Session,
  { days, engine, gate }: StoreParts,
): Promise<{ readonly days: number; readonly requests: number }> {
  const firstKept = Math.floor(time / DAY_MILLIS);
  const ended = days.all.filter(({ day }) => day < firstKept);
  const open = await session.rows(
    `SELECT start_us // ${DAY_MICROS}, count(*) FROM store.open WHERE start_us < ${firstKept * DAY_MICROS} GROUP BY 1`,
  );
  const held = ended.map(
    ({ day, slots }) => [day, [...slots.values()].reduce((sum, one) => sum + one.requests, 0)] as const,
  );
  const counts = [...held, ...open.map(([day, count]) => [Number(day), Number(count)] as const)].filter(
    ([, count]) => count > 0,
  );
  await gate.exclusive(async () => {
    for (const { day } of ended) days.forget(day);
    if (open.length > 0) await session.run(`DELETE FROM store.open WHERE start_us < ${firstKept * DAY_MICROS}`);
  });
  // Queries that began before still read these files.
  await engine.finished();
  for (const day of ended) await days.remove(session, day);
  return {
    days: new Set(counts.map(([day]) => day)).size,
    requests: counts.reduce((total, [, count]) => total + count, 0),
  };
}
