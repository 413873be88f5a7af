import { type ReadPage, type ReadRange, StoreQueryError } from '../../store.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import type { StoreParts } from '../parts.ts';
import { micros } from '../sql/conditions.ts';
import { requestJson } from '../sql/requestJson.ts';
import { OPEN_TABLE, rowsSql } from './pages.ts';

/** Complete requests of a range in the order of the stream. */
export async function readRange(range: ReadRange, store: StoreParts): Promise<ReadPage> {
  const after = range.after === undefined ? 0 : cursorOf(range.after);
  // A number of ours or nothing: what is no position lets nothing through.
  const upTo = Math.trunc(Math.min(range.upTo ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) || 0;
  const [from, to] = [micros(range.from), micros(range.to)];
  return store.engine.read('heavy', async (session) => {
    const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
    const sources = [OPEN_TABLE, ...days.filter(({ maxSeq }) => maxSeq > after).flatMap(({ tables }) => tables)];
    const places = await session.rows(
      `SELECT * FROM (${sources
        .map(
          (table, at) => `SELECT ${at} AS source, r.rowid AS row, r.start_us, r.seq
            FROM ${table} r
            WHERE r.seq > ${after} AND r.seq <= ${upTo} AND r.start_us >= ${from} AND r.start_us < ${to}`,
        )
        .join(' UNION ALL ')}) ORDER BY seq LIMIT ${range.limit + 1}`,
    );
    const page = places.slice(0, range.limit);
    const next = places.length > page.length ? page.at(-1)?.[3] : undefined;
    if (page.length === 0) return { requests: [] };
    const found = page.map(([source, row, start]) => ({
      table: sources[Number(source)] ?? OPEN_TABLE,
      row: Number(row),
      startMicros: Number(start),
    }));
    const rows = await session.rows(
      `WITH r AS MATERIALIZED (${rowsSql(found)}) SELECT ${requestJson()} FROM r ORDER BY r.seq`,
    );
    return { requests: rows.map(([json]) => String(json)), ...(next != null && { next: String(next) }) };
  });
}

function cursorOf(cursor: string): number {
  if (/^[1-9][0-9]{0,15}$/.test(cursor)) return Number(cursor);
  throw new StoreQueryError('cursor_invalid', 'after: is no cursor of a read', 'after');
}
