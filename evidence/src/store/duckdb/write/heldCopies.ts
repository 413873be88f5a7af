import type { DayFiles } from '../days/dayFiles.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { REQUEST_ID, TRACE_ID } from '../sql/requestJson.ts';
import type { StagedVersion } from './encode.ts';
import type { HeldCopy } from './plan.ts';
import { identityOf } from './requestKey.ts';

/**
 * Where an earlier version may be: a first version and one that replaces it start at nearly the same time. Only a
 * correction (`revision` above 0) is looked for everywhere.
 */
const NEARBY_MICROS = 3600 * 1_000_000;

/** The rows that the store has of staged requests. */
export async function heldCopies(
  staged: readonly StagedVersion[],
  session: Session,
  days: DayFiles,
): Promise<HeldCopy[]> {
  if (staged.length === 0) return [];
  const numbers = new Map(staged.map(({ identity }, id) => [identity, id]));
  const copies = new Map<string, HeldCopy>();
  const find = async (table: string, day: number | undefined, wanted: readonly StagedVersion[], where: string) => {
    const parameters = new Parameters();
    const keys = parameters.keys(wanted.map(({ k1 }) => k1));
    const found = await session.rows(
      `SELECT r.rowid, r.seq, r.start_us, r.environment, ${REQUEST_ID}, ${TRACE_ID}, r.n FROM ${table} r
       WHERE r.k1 IN ${keys} AND ${where}`,
      parameters,
    );
    for (const [row, seq, start, environment, requestId, traceId, n] of found) {
      const identity = identityOf({
        environment: String(environment),
        requestId: String(requestId),
        ...(traceId !== null && { traceId: String(traceId) }),
        n: Number(n),
      });
      const id = numbers.get(identity);
      if (id === undefined) continue;
      copies.set(`${table} ${row}`, { id, day, row: Number(row), seq: Number(seq), startMicros: Number(start) });
    }
  };

  await find('store.open', undefined, staged, 'true');
  for (const { day, db } of days.all) {
    const near = staged.filter(
      ({ startMicros }) =>
        startMicros + NEARBY_MICROS >= day * DAY_MICROS && startMicros - NEARBY_MICROS < (day + 1) * DAY_MICROS,
    );
    const [first, last] = [near[0], near.at(-1)];
    if (first === undefined || last === undefined) continue;
    const [from, to] = [first.startMicros - NEARBY_MICROS, last.startMicros + NEARBY_MICROS];
    await find(`${db}.requests`, day, near, `r.start_us BETWEEN ${from} AND ${to}`);
  }
  const known = new Set([...copies.values()].map(({ id }) => id));
  const corrections = staged.filter(({ revision }, id) => revision > 0 && !known.has(id));
  if (corrections.length > 0) {
    for (const { day, db } of days.all) await find(`${db}.requests`, day, corrections, 'true');
  }
  return [...copies.values()];
}
