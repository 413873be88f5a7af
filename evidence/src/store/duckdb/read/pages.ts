import type { ReadScope, SearchOrder } from '../../query.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { JSON_COLUMNS } from '../sql/columns.ts';
import { NAMES_JOIN, requestJson } from '../sql/requestJson.ts';
import { ROW_CELLS, type RowValues, rowJson, rowOf } from './rowJson.ts';

/** Where open requests lie. */
export const OPEN_TABLE = 'store.open';

/** A row found, by where it lies. */
export interface Found {
  readonly table: string;
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
  if (found.length <= FEW_ROWS) return fewRowsJson(session, found, scope);
  const [cells] = await session.rows(
    `WITH r AS MATERIALIZED (${rowsSql(found)})
     SELECT '[' || string_agg(${requestJson(scope)}, ',' ORDER BY ${orderBy}) || ']' FROM r ${NAMES_JOIN}`,
  );
  return String(cells?.[0] ?? '[]');
}

/** Without a join and without sorting: to carry this many columns through them costs more than to read them. */
async function fewRowsJson(session: Session, found: readonly Found[], scope: ReadScope): Promise<string> {
  const tables = [...new Set(found.map(({ table }) => table))];
  const parts = tables.map((table, at) => {
    const rows = found.filter((one) => one.table === table);
    return `SELECT ${at}, r.rowid, ${ROW_CELLS} FROM ${table} r WHERE ${placeSql(rows)}`;
  });
  const read = new Map(
    (await session.rows(parts.join(' UNION ALL '))).map(([at, row, ...cells]) => [`${at} ${row}`, cells]),
  );
  const rows = found.flatMap(({ table, row }) => {
    const cells = read.get(`${tables.indexOf(table)} ${row}`);
    return cells === undefined ? [] : [rowOf(cells)];
  });
  const names = await namesOf(session, rows);
  return `[${rows.map((row) => rowJson(row, names.get(nameKey(row)), scope)).join(',')}]`;
}

const nameKey = ({ environment, api_key_id }: RowValues) => JSON.stringify([environment, api_key_id]);

/** What the catalogue calls the caller keys of rows. */
async function namesOf(session: Session, rows: readonly RowValues[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap(({ api_key_id: id }) => (typeof id === 'string' ? [id] : [])))];
  if (ids.length === 0) return new Map();
  const parameters = new Parameters();
  const named = await session.rows(
    `SELECT environment, id, name FROM store.names WHERE kind = 'api_key'
     AND id IN (${ids.map((id) => parameters.text(id)).join(', ')})`,
    parameters,
  );
  return new Map(named.map(([environment, id, name]) => [JSON.stringify([environment, id]), String(name)]));
}

/**
 * Each row is read by its number, and only where it lies. Put together first (`MATERIALIZED` in the caller), because
 * building JSON costs by the number of chunks, and scattered rows come in hundreds of small ones.
 */
export function rowsSql(found: readonly Pick<Found, 'table' | 'row' | 'startMicros'>[]): string {
  const parts = [...Map.groupBy(found, ({ table }) => table)].map(
    ([table, rows]) => `SELECT ${JSON_COLUMNS} FROM ${table} WHERE ${placeSql(rows)}`,
  );
  return parts.join(' UNION ALL ');
}

function placeSql(rows: readonly Pick<Found, 'row' | 'startMicros'>[]): string {
  const from = rows.reduce((least, { startMicros }) => Math.min(least, startMicros), Number.POSITIVE_INFINITY);
  const to = rows.reduce((most, { startMicros }) => Math.max(most, startMicros), Number.NEGATIVE_INFINITY);
  return `start_us BETWEEN ${from} AND ${to} AND rowid IN (${rows.map(({ row }) => row).join(', ')})`;
}
