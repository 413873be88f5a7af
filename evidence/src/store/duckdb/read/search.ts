import type { RequestPage, SearchQuery } from '../../query.ts';
import type { Day } from '../days/dayFiles.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { micros, needsNames, selectionSql } from '../sql/conditions.ts';
import { onlyFailed } from '../sql/failed.ts';
import { NAMES_JOIN } from '../sql/requestJson.ts';
import { keyOfText, keyText } from '../write/requestKey.ts';
import { comparePlaces, type Found, OPEN_TABLE, orderSql, pageJson } from './pages.ts';
import { slices } from './slices.ts';
import { tablesFor } from './tablesFor.ts';

/** The first slice holds so many times what is asked for, so that a search without conditions needs one statement. */
const FIRST_SLICE = 4;

/** Slices are cut by how many requests they hold; of failed ones they hold a small part. */
const FAILED_ONE_OF = 16;

/** Two statements: first the places of the rows, slice by slice in the order asked for, then these rows alone. */
export async function search(query: SearchQuery, store: StoreParts, signal?: AbortSignal): Promise<RequestPage> {
  const started = performance.now();
  const [from, to] = [micros(query.from), micros(query.to)];
  const weight = query.filters.length > 0 || query.text !== undefined ? 'heavy' : 'light';
  return store.engine.read(
    weight,
    async (session) => {
      const bounds = boundsOf(query, from, to);
      const { days } = await beginSnapshot(session, store, (all) => all.within(bounds.from, bounds.to));
      const { found, edge } = await findPlaces(session, query, bounds, days);
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      const requests = await pageJson(session, page, query.scope, orderSql(query.order));
      const newest = query.order === 'newest';
      return {
        requests,
        count: page.length,
        ...(found.length > page.length &&
          last !== undefined && { next: { timeMicros: last.startMicros, key: keyText(last) } }),
        stats: {
          elapsedMs: performance.now() - started,
          rows: page.length,
          searchedFrom: (newest ? edge : bounds.from) / 1000,
          searchedTo: (newest ? bounds.to : edge) / 1000,
        },
      };
    },
    signal,
  );
}

/** The range that is left after a place. */
function boundsOf({ order, after }: SearchQuery, from: number, to: number): { from: number; to: number } {
  if (after === undefined) return { from, to };
  return order === 'newest'
    ? { from, to: Math.min(to, after.timeMicros + 1) }
    : { from: Math.max(from, after.timeMicros), to };
}

async function findPlaces(
  session: Session,
  query: SearchQuery,
  bounds: { readonly from: number; readonly to: number },
  days: readonly Day[],
): Promise<{ found: Found[]; edge: number }> {
  const newest = query.order === 'newest';
  const limit = query.limit + 1;
  const inOrder = (a: Found, b: Found) => (newest ? -comparePlaces(a, b) : comparePlaces(a, b));
  const places = (sources: readonly Source[]) => findIn(session, query, sources, limit);
  let found = await places([{ table: OPEN_TABLE, ...bounds }]);
  let edge = newest ? bounds.to : bounds.from;
  if (bounds.from >= bounds.to) return { found: [], edge };
  const rows = limit * FIRST_SLICE * (onlyFailed(query.filters) ? FAILED_ONE_OF : 1);
  for (const slice of slices(days, { ...bounds, order: query.order, rows })) {
    const more = await places(
      slice.parts.flatMap(({ day, from, to }) => tablesFor(day, query.filters).map((table) => ({ table, from, to }))),
    );
    found = [...found, ...more].toSorted(inOrder);
    edge = slice.edge;
    const known = found.filter(({ startMicros }) => (newest ? startMicros >= edge : startMicros < edge));
    if (known.length >= limit) return { found: known.slice(0, limit), edge };
  }
  return { found: found.slice(0, limit), edge };
}

interface Source {
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

async function findIn(
  session: Session,
  query: SearchQuery,
  sources: readonly Source[],
  limit: number,
): Promise<Found[]> {
  if (sources.length === 0) return [];
  const parameters = new Parameters();
  const condition = selectionSql(query, parameters);
  const after = afterSql(query, parameters);
  const join = needsNames(
    query.filters.map(({ field }) => field),
    query.text,
  )
    ? NAMES_JOIN
    : '';
  const parts = sources.map(
    ({ table, from, to }, at) => `SELECT ${at} AS source, r.rowid AS row, r.start_us, r.k1, r.k2 FROM ${table} r ${join}
      WHERE r.start_us >= ${from} AND r.start_us < ${to} AND ${condition}${after}`,
  );
  const rows = await session.rows(
    `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY ${orderSql(query.order)} LIMIT ${limit}`,
    parameters,
  );
  return rows.map(([source, row, start, k1, k2]) => ({
    table: sources[Number(source)]?.table ?? OPEN_TABLE,
    row: Number(row),
    startMicros: Number(start),
    k1: Number(k1),
    k2: Number(k2),
  }));
}

function afterSql({ after, order }: SearchQuery, parameters: Parameters): string {
  if (after === undefined) return '';
  const { k1, k2 } = keyOfText(after.key);
  const time = parameters.whole(after.timeMicros);
  const [first, second] = [parameters.whole(k1), parameters.whole(k2)];
  const beyond = order === 'newest' ? '<' : '>';
  return ` AND (r.start_us <> ${time} OR r.k1 ${beyond} ${first} OR (r.k1 = ${first} AND r.k2 ${beyond} ${second}))`;
}
