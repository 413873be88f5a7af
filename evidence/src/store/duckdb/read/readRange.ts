import { type ReadPage, StoreQueryError } from '../../store.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { requestJson } from '../sql/requestJson.ts';

/** Complete requests of a range in the order of the stream. */
export async function readRange(
  range: { readonly from: number; readonly to: number; readonly after?: string; readonly limit: number },
  store: StoreParts,
): Promise<ReadPage> {
  const after = range.after === undefined ? 0 : cursorOf(range.after);
  const [from, to] = [micros(range.from), micros(range.to)];
  return store.engine.read('heavy', async (session) => {
    const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
    const tables = ['store.open', ...days.filter(({ maxSeq }) => maxSeq > after).map(({ db }) => `${db}.requests`)];
    const places = await session.rows(
      `SELECT * FROM (${tables
        .map(
          (table, at) => `SELECT ${at} AS source, r.rowid AS row, r.seq FROM ${table} r
            WHERE r.seq > ${after} AND r.start_us >= ${from} AND r.start_us < ${to}`,
        )
        .join(' UNION ALL ')}) ORDER BY seq LIMIT ${range.limit + 1}`,
    );
    const page = places.slice(0, range.limit);
    const next = places.length > page.length ? page.at(-1)?.[2] : undefined;
    if (page.length === 0) return { requests: [] };
    const parts = [...Map.groupBy(page, ([source]) => Number(source))].map(
      ([source, rows]) => `SELECT ${requestJson()} AS json, r.seq FROM ${tables[source]} r
        WHERE r.rowid IN (${rows.map(([, row]) => row).join(', ')})`,
    );
    const rows = await session.rows(`SELECT json FROM (${parts.join(' UNION ALL ')}) ORDER BY seq`);
    return { requests: rows.map(([json]) => String(json)), ...(next != null && { next: String(next) }) };
  });
}

function cursorOf(cursor: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(cursor)) return Number(cursor);
  throw new StoreQueryError('cursor_invalid', 'after: is no cursor of a read', 'after');
}
