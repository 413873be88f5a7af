import { type GetQuery, MAX_GET, type RequestPage } from '../../query.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { StoreParts } from '../parts.ts';
import { sameRequestId } from '../sql/conditions.ts';
import { idKey } from '../write/requestKey.ts';
import { type Found, OPEN_TABLE, orderSql, pageJson } from './pages.ts';

/** Found by the first half of the key in the days that may hold it, without a time. */
export async function get(query: GetQuery, store: StoreParts, signal?: AbortSignal): Promise<RequestPage> {
  const started = performance.now();
  const { environment, requestId, scope } = query;
  if (!scope.environments.includes(environment)) return { requests: '[]', count: 0, stats: { elapsedMs: 0, rows: 0 } };
  const key = idKey(environment, requestId);
  return store.engine.read(
    'light',
    async (session) => {
      const { days } = await beginSnapshot(session, store, (all) =>
        all.all.filter(({ day }) => store.keys.mayHold(day, key)),
      );
      const parameters = new Parameters();
      const same = `${sameRequestId(requestId, parameters)} AND r.environment = ${parameters.text(environment)}`;
      const sources = [OPEN_TABLE, ...days.flatMap(({ tables }) => tables)];
      const parts = sources.map(
        (table, at) =>
          `SELECT ${at} AS source, r.rowid AS row, r.start_us, r.k1, r.k2 FROM ${table} r WHERE r.k1 = ${key} AND ${same}`,
      );
      const rows = await session.rows(
        `SELECT * FROM (${parts.join(' UNION ALL ')}) ORDER BY ${orderSql('newest')} LIMIT ${MAX_GET}`,
        parameters,
      );
      const found = rows.map(
        ([source, row, start, k1, k2]): Found => ({
          table: sources[Number(source)] ?? OPEN_TABLE,
          row: Number(row),
          startMicros: Number(start),
          k1: Number(k1),
          k2: Number(k2),
        }),
      );
      const requests = await pageJson(session, found, scope, orderSql('newest'));
      return { requests, count: found.length, stats: { elapsedMs: performance.now() - started, rows: found.length } };
    },
    signal,
  );
}
