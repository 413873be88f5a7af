import type { ReadScope, SearchOrder } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { NAMES_JOIN, requestJson } from '../sql/requestJson.ts';

/** A row found, by where it lies; `day` is undefined for an open request. */
export interface Found {
  readonly day: Day | undefined;
  readonly row: number;
  readonly startMicros: number;
  readonly k1: number;
  readonly k2: number;
}

export function comparePlaces(a: Found, b: Found): number {
  return a.startMicros - b.startMicros || a.k1 - b.k1 || a.k2 - b.k2;
}

export const orderSql = (order: SearchOrder): string =>
  ['start_us', 'k1', 'k2'].map((column) => `${column} ${order === 'newest' ? 'DESC' : 'ASC'}`).join(', ');

/** The JSON array of rows that were found, made by the engine. Each row is read by its number, and only where it lies. */
export async function pageJson(
  session: Session,
  found: readonly Found[],
  scope: ReadScope,
  orderBy: string,
): Promise<string> {
  if (found.length === 0) return '[]';
  const parameters = new Parameters();
  const json = requestJson(scope);
  const parts = [...Map.groupBy(found, ({ day }) => day)].map(([day, rows]) => {
    const starts = rows.map(({ startMicros }) => startMicros);
    const [from, to] = [Math.min(...starts), Math.max(...starts)];
    return `SELECT ${json} AS json, r.start_us, r.k1, r.k2, r.seq
      FROM ${day === undefined ? 'store.open' : `${day.db}.requests`} r ${NAMES_JOIN}
      WHERE r.start_us BETWEEN ${from} AND ${to} AND r.rowid IN (${rows.map(({ row }) => row).join(', ')})`;
  });
  const [cells] = await session.rows(
    `SELECT '[' || string_agg(json, ',' ORDER BY ${orderBy}) || ']' FROM (${parts.join(' UNION ALL ')})`,
    parameters,
  );
  return String(cells?.[0] ?? '[]');
}
