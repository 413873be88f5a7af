import { OUTCOMES, severityOf } from '../../../model/outcome.ts';
import type { RequestField } from '../../fields.ts';
import { binSql, TIMED } from './bins.ts';
import { TABLES_OF_DAY } from './failed.ts';
import { SLOT_MICROS } from './slots.ts';

const MINUTE_MICROS = 60_000_000;

/** Sums over rows or over rollups of them; `requests` and `errors` are counts. */
export const SUMS = ['requests', 'errors', 'tokens_input', 'tokens_output', 'cost_usd'] as const;

/** Outcomes whose severity is error. */
const ERRORS = OUTCOMES.filter((outcome) => severityOf(outcome) === 'error')
  .map((outcome) => `'${outcome}'`)
  .join(', ');

/** The sums of rows `r`. */
export const SUMS_OF_ROWS: readonly string[] = [
  'count(*) AS requests',
  `count(*) FILTER (WHERE r.outcome IN (${ERRORS})) AS errors`,
  'coalesce(sum(r.tokens_input), 0)::DOUBLE AS tokens_input',
  'coalesce(sum(r.tokens_output), 0)::DOUBLE AS tokens_output',
  'coalesce(sum(r.cost_usd), 0) AS cost_usd',
];

/** What a rollup answers: which fields it tells apart, and in which steps of time. */
export interface Rollup {
  readonly table: string;
  readonly fields: readonly RequestField[];
  readonly stepMicros: number;
  /** Start of its step, µs. */
  readonly start: string;
}

const SLOT_START = `(r.slot * ${SLOT_MICROS})`;

export const ROLLUPS = {
  minute: {
    table: 'rollup_minute',
    fields: ['environment', 'requestedModel', 'outcome', 'status'],
    stepMicros: MINUTE_MICROS,
    start: `(r.minute * ${MINUTE_MICROS})`,
  },
  key: {
    table: 'rollup_key',
    fields: ['environment', 'apiKeyId', 'apiKeyName', 'outcome'],
    stepMicros: SLOT_MICROS,
    start: SLOT_START,
  },
  latency: {
    table: 'rollup_latency',
    fields: ['environment', 'requestedModel', 'outcome'],
    stepMicros: SLOT_MICROS,
    start: SLOT_START,
  },
} as const satisfies Readonly<Record<string, Rollup>>;

/** Each has a column `slot`, and rows only of slots that are rolled up. */
export const ROLLUP_TABLES: readonly string[] = [...Object.values(ROLLUPS).map(({ table }) => table), 'rollup_values'];

export function rollupSchema(db: string): readonly string[] {
  const sums = SUMS.map((name) => `${name} ${name === 'requests' || name === 'errors' ? 'BIGINT' : 'DOUBLE'}`).join(
    ', ',
  );
  return [
    `CREATE TABLE ${db}.rollup_minute (slot BIGINT, minute BIGINT, environment VARCHAR, requested_model VARCHAR,
      outcome VARCHAR, status INTEGER, ${sums})`,
    `CREATE TABLE ${db}.rollup_key (slot BIGINT, environment VARCHAR, api_key_id VARCHAR, api_key_name VARCHAR,
      outcome VARCHAR, ${sums})`,
    `CREATE TABLE ${db}.rollup_latency (slot BIGINT, environment VARCHAR, requested_model VARCHAR, outcome VARCHAR,
      timed TINYINT, bin SMALLINT, requests BIGINT)`,
    `CREATE TABLE ${db}.rollup_values (slot BIGINT, environment VARCHAR, field VARCHAR, value VARCHAR, requests BIGINT)`,
  ];
}

/** Fields whose values are kept with their counts: those that can be grouped by, and few others that lists are asked of. */
export const VALUE_COLUMNS: ReadonlyMap<RequestField, string> = new Map<RequestField, string>([
  ['environment', 'environment'],
  ['dataPlane', 'data_plane'],
  ['state', 'state'],
  ['timing', 'timing'],
  ['status', 'status'],
  ['outcome', 'outcome'],
  ['requestedModel', 'requested_model'],
  ['servedModel', 'served_model'],
  ['errorClass', 'error_class'],
  ['apiKeyId', 'api_key_id'],
  ['protocol', 'protocol'],
  ['operation', 'operation'],
  ['stream', 'stream'],
  ['usageEstimated', 'usage_estimated'],
  ['cache.status', 'cache_status'],
  ['cache.layer', 'cache_layer'],
  ['guardrail.blocked', 'guardrail_blocked'],
  ['mcp.server', 'mcp_server'],
  ['mcp.tool', 'mcp_tool'],
  ['a2a.agent', 'a2a_agent'],
  ['passthroughRoute', 'passthrough_route'],
  ['jwt.provider', 'jwt_provider'],
  ['attemptCount', 'attempt_count'],
  ['modelId', 'model_id'],
]);

/** Rolls up the rows of the slots from `first` to `last` of a day. Nothing may be rolled up of them yet. */
export function rollUpSql(db: string, first: number, last: number): readonly string[] {
  const tables = TABLES_OF_DAY.map((table) => `SELECT * FROM ${db}.${table}`).join(' UNION ALL ');
  const rows = `FROM (${tables}) r WHERE r.start_us >= ${first * SLOT_MICROS} AND r.start_us < ${(last + 1) * SLOT_MICROS}`;
  const slot = `r.start_us // ${SLOT_MICROS} AS slot`;
  const sums = SUMS_OF_ROWS.join(', ');
  const latency = Object.values(TIMED).map(
    ({ sql, number }) => `SELECT ${slot}, r.environment, r.requested_model, r.outcome, ${number} AS timed,
      ${binSql(sql)} AS bin, count(*) AS requests ${rows} AND ${sql} IS NOT NULL GROUP BY ALL`,
  );
  const values = [...VALUE_COLUMNS]
    .map(([field, column]) => `{field: '${field}', value: r.${column}::VARCHAR}`)
    .join(', ');
  return [
    `INSERT INTO ${db}.rollup_minute SELECT ${slot}, r.start_us // ${MINUTE_MICROS} AS minute, r.environment,
      r.requested_model, r.outcome, r.status, ${sums} ${rows} GROUP BY ALL ORDER BY ALL`,
    `INSERT INTO ${db}.rollup_key SELECT ${slot}, r.environment, r.api_key_id, r.api_key_name, r.outcome, ${sums}
      ${rows} GROUP BY ALL ORDER BY ALL`,
    `INSERT INTO ${db}.rollup_latency SELECT * FROM (${latency.join(' UNION ALL ')}) ORDER BY ALL`,
    `INSERT INTO ${db}.rollup_values SELECT slot, environment, v.field, v.value, count(*) FROM (
      SELECT ${slot}, r.environment, unnest([${values}]) AS v ${rows}) WHERE v.value IS NOT NULL
      GROUP BY ALL ORDER BY ALL`,
  ];
}
