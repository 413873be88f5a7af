import type { ReadScope, SearchOrder } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import type { Session } from '../engine/session.ts';
import { JSON_COLUMNS } from '../sql/columns.ts';
import { NAMES_JOIN, requestJson } from '../sql/requestJson.ts';
import { ROW_CELLS, rowJson } from './rowJson.ts';

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

/** Up to so many rows are put into JSON here, which takes some 20 µs each. */
const FEW_ROWS = 20;

/** The JSON array of rows that were found: made by the engine, when there are many. */
export async function pageJson(
  session: Session,
  found: readonly Found[],
  scope: ReadScope,
  orderBy: string,
): Promise<string> {
  if (found.length === 0) return '[]';
  if (found.length <= FEW_ROWS) {
    const rows = await session.rows(`SELECT ${ROW_CELLS} FROM (${rowsSql(found)}) r ${NAMES_JOIN} ORDER BY ${orderBy}`);
    return `[${rows.map((cells) => rowJson(cells, scope)).join(',')}]`;
  }
  const [cells] = await session.rows(
    `WITH r AS MATERIALIZED (${rowsSql(found)})
     SELECT '[' || string_agg(${requestJson(scope)}, ',' ORDER BY ${orderBy}) || ']' FROM r ${NAMES_JOIN}`,
  );
  return String(cells?.[0] ?? '[]');
}

/**
 * Each row is read by its number, and only where it lies. Put together first (`MATERIALIZED` in the caller), because
 * building JSON costs by the number of chunks, and scattered rows come in hundreds of small ones.
 */
export function rowsSql(found: readonly Pick<Found, 'day' | 'row' | 'startMicros'>[]): string {
  const parts = [...Map.groupBy(found, ({ day }) => day)].map(([day, rows]) => {
    const from = rows.reduce((least, { startMicros }) => Math.min(least, startMicros), Number.POSITIVE_INFINITY);
    const to = rows.reduce((most, { startMicros }) => Math.max(most, startMicros), Number.NEGATIVE_INFINITY);
    return `SELECT ${JSON_COLUMNS} FROM ${day === undefined ? 'store.open' : `${day.db}.requests`}
      WHERE start_us BETWEEN ${from} AND ${to} AND rowid IN (${rows.map(({ row }) => row).join(', ')})`;
  });
  return parts.join(' UNION ALL ');
}
