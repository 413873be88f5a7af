import { REQUEST_FIELDS, type RequestField } from '../../fields.ts';
import type { ValuesAnswer, ValuesQuery } from '../../query.ts';
import type { ResourceName } from '../../store.ts';
import { beginSnapshot } from '../days/snapshot.ts';
import { Parameters } from '../engine/parameters.ts';
import type { StoreParts } from '../parts.ts';
import { environmentSql, micros } from '../sql/conditions.ts';
import { fieldSql } from '../sql/fieldSql.ts';
import { NAMES_JOIN } from '../sql/requestJson.ts';
import { ROLLUPS, VALUE_COLUMNS } from '../sql/rollups.ts';
import { coverageOf, rowsOnly } from './coverage.ts';

/** What the catalogue calls the resource whose id is a value of this field. */
const KIND_OF_ID: ReadonlyMap<RequestField, ResourceName['kind']> = new Map<RequestField, ResourceName['kind']>([
  ['apiKeyId', 'api_key'],
  ['modelId', 'model'],
  ['attempt.modelId', 'model'],
]);

export async function values(query: ValuesQuery, store: StoreParts, signal?: AbortSignal): Promise<ValuesAnswer> {
  const [from, to] = [micros(query.from), micros(query.to)];
  const fromRollups = VALUE_COLUMNS.has(query.field) || query.field === 'apiKeyName';
  if (fieldSql(query.field, query.scope) === undefined) return { values: [], more: false };
  return store.engine.read(
    fromRollups ? 'light' : 'heavy',
    async (session) => {
      const { days } = await beginSnapshot(session, store, (all) => all.within(from, to));
      const parameters = new Parameters();
      const environments = environmentSql(query.scope, parameters);
      const value = valueSql(query);
      const names = query.field === 'apiKeyName' ? NAMES_JOIN : '';
      const ofRows = (table: string, start: number, end: number) =>
        `SELECT ${value} AS value, 1 AS requests FROM ${table} r ${names}
         WHERE r.start_us >= ${start} AND r.start_us < ${end} AND ${environments}`;
      const parts = [
        ofRows('store.open', from, to),
        ...days
          .map((day) => (fromRollups ? coverageOf : rowsOnly)(day, from, to))
          .flatMap(({ day: { db, tables }, rolled, rows }) => [
            ...rows.flatMap(([start, end]) => tables.map((table) => ofRows(table, start, end))),
            ...rolled.map(([first, last]) =>
              query.field === 'apiKeyName'
                ? `SELECT ${value} AS value, r.requests FROM ${db}.${ROLLUPS.key.table} r ${NAMES_JOIN}
                   WHERE r.slot BETWEEN ${first} AND ${last} AND ${environments}`
                : `SELECT r.value, r.requests FROM ${db}.rollup_values r
                   WHERE r.field = '${query.field}' AND r.slot BETWEEN ${first} AND ${last} AND ${environments}`,
            ),
          ]),
      ];
      const rows = await session.rows(countedSql(query, parts, parameters), parameters);
      return {
        values: rows.slice(0, query.limit).map(([text, count, name]) => ({
          value: String(text),
          count: Number(count),
          ...(name !== null && { name: String(name) }),
        })),
        more: rows.length > query.limit,
      };
    },
    signal,
  );
}

/** Every different value of a row `r` as text, in a row of its own. */
function valueSql({ field, scope }: ValuesQuery): string {
  const where = fieldSql(field, scope);
  switch (where?.kind) {
    case 'one':
      return REQUEST_FIELDS[field].type === 'number'
        ? `regexp_replace((${where.sql})::VARCHAR, '\\.0$', '')`
        : `(${where.sql})::VARCHAR`;
    case 'list':
      return `unnest(list_distinct(${where.sql}))`;
    case 'attempts':
      return `unnest(list_distinct([r.a_${where.column}::VARCHAR] ||
        coalesce(list_transform(r.more, lambda v: v.${where.column}::VARCHAR), [])))`;
    case undefined:
      return 'NULL';
  }
}

function countedSql(query: ValuesQuery, parts: readonly string[], parameters: Parameters): string {
  const kind = KIND_OF_ID.get(query.field);
  const names =
    kind === undefined
      ? 'SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS name WHERE false'
      : `SELECT id, arg_min(name, list_position(${parameters.texts(query.scope.environments)}, environment)) AS name
         FROM store.names WHERE kind = '${kind}' AND list_contains(${parameters.texts(query.scope.environments)}, environment)
         GROUP BY id`;
  const wanted = (query.search ?? '') === '' ? undefined : parameters.text(query.search ?? '');
  const found =
    wanted === undefined
      ? 'true'
      : `(contains(lower(v.value), lower(${wanted})) OR coalesce(contains(lower(n.name), lower(${wanted})), false))`;
  return `SELECT v.value, v.requests, n.name FROM (
      SELECT value, sum(requests)::BIGINT AS requests FROM (${parts.join(' UNION ALL ')})
      WHERE value IS NOT NULL GROUP BY value) v
    LEFT JOIN (${names}) n ON n.id = v.value WHERE ${found}
    ORDER BY v.requests DESC, v.value LIMIT ${query.limit + 1}`;
}
