import type { ChangedPage, ChangedQuery } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { StoreParts } from '../parts.ts';
import { needsNames, selectionSql } from '../sql/conditions.ts';
import { NAMES_JOIN } from '../sql/requestJson.ts';
import { type Found, OPEN_TABLE, pageJson } from './pages.ts';
import { tablesFor } from './tablesFor.ts';

/** What came after a version; only files that hold something newer are looked at. */
export async function changed(query: ChangedQuery, store: StoreParts, signal?: AbortSignal): Promise<ChangedPage> {
  const { afterVersion, limit } = query;
  return store.engine.read(
    'light',
    async (session) => {
      const { days, position } = await beginSnapshot(session, store, ({ all }) =>
        all.filter(({ maxSeq }) => maxSeq > afterVersion),
      );
      const parameters = new Parameters();
      const condition = selectionSql(query, parameters);
      const fields = query.filters.map(({ field }) => field);
      const join = needsNames(fields, query.text) ? NAMES_JOIN : '';
      const sources = [OPEN_TABLE, ...days.flatMap((day) => tablesFor(day, query.filters))];
      const parts = sources.map(
        (table, at) => `SELECT ${at} AS source, r.rowid AS row, r.start_us, r.k1, r.k2, r.seq
          FROM ${table} r ${join}
          WHERE r.seq > ${afterVersion} AND r.seq <= ${position} AND ${condition}`,
      );
      const rows = await session.rows(
        `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY seq LIMIT ${limit + 1}`,
        parameters,
      );
      const page = rows.slice(0, limit);
      const found = page.map(
        ([source, row, start, k1, k2]): Found => ({
          table: sources[Number(source)] ?? OPEN_TABLE,
          row: Number(row),
          startMicros: Number(start),
          k1: Number(k1),
          k2: Number(k2),
        }),
      );
      // Rows beyond the position are of a step that was cut short; they come again, and are shown then.
      const end = Math.max(afterVersion, position);
      return {
        requests: await pageJson(session, found, query.scope, 'seq'),
        count: page.length,
        version: rows.length > page.length ? Number(page.at(-1)?.[5] ?? end) : end,
      };
    },
    signal,
  );
}
