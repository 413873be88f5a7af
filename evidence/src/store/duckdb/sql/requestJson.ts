import type { ReadScope } from '../../query.ts';
import { PLAIN_ATTEMPT_COLUMNS, TICKS_PER_MILLI, TOKEN_COLUMNS, TTFT_OF_REQUEST } from './columns.ts';

/** Start of request `r` in 1/4096 ms. */
const START_TICKS = '(round(r.start_us::DOUBLE * 4.096e0)::BIGINT + r.start_fine)';
const millis = (ticks: string) => `((${ticks}) / ${TICKS_PER_MILLI}.0)`;

export const START_MILLIS: string = millis(START_TICKS);
export const END_MILLIS: string = millis(`${START_TICKS} + r.end_ticks`);
export const REQUEST_ID = 'coalesce(r.request_text, r.request_uuid::VARCHAR)';
export const TRACE_ID = "coalesce(r.trace_text, replace(r.trace_uuid::VARCHAR, '-', ''))";
/** Shown for the caller key: the catalogue's name (`k`, joined by `NAMES_JOIN`), else the one it came with. */
export const API_KEY_NAME = 'coalesce(k.name, r.api_key_name)';
export const NAMES_JOIN =
  "LEFT JOIN store.names k ON k.environment = r.environment AND k.kind = 'api_key' AND k.id = r.api_key_id";

/** `"key":value` as text, NULL (and so nothing in a `concat`) where the value is absent. */
const member = (key: string, json: string) => `',"${key}":' || ${json}`;
const string = (key: string, expression: string) => member(key, `to_json(${expression})`);
const plain = (key: string, expression: string) => member(key, `(${expression})::VARCHAR`);

/** An object of members, absent when it has none. */
function object(key: string, members: readonly string[]): string {
  if (members.length === 0) return 'NULL';
  return `',"${key}":{' || nullif(ltrim(concat(${members.join(', ')}), ','), '') || '}'`;
}

/** `column(name)` gives the SQL of an attempt's column. */
function attemptJson(column: (name: string) => string): string {
  const members = PLAIN_ATTEMPT_COLUMNS.map(([key, name, type]) =>
    type === 'VARCHAR' ? string(key, column(name)) : plain(key, column(name)),
  );
  const start = `${START_TICKS} + ${column('start_ticks')}`;
  return `concat('{', ltrim(concat(${[
    ...members,
    plain('startTime', millis(start)),
    plain('endTime', millis(`${start} + ${column('end_ticks')}`)),
    plain('ttftMs', `CASE WHEN ${column('ttft_ms')} = ${TTFT_OF_REQUEST} THEN r.ttft_ms ELSE ${column('ttft_ms')} END`),
    object(
      'tokens',
      TOKEN_COLUMNS.map(([key, name]) => plain(key, `${column(name)} + coalesce(r.tokens_${name}, 0)`)),
    ),
  ].join(', ')}), ','), '}')`;
}

const ATTEMPTS = `concat(',"attempts":[', CASE WHEN r.attempt_count > 0 THEN ${attemptJson((name) => `r.a_${name}`)} END,
  CASE WHEN r.attempt_count > 1 THEN ',' || array_to_string(list_transform(r.more, lambda a: ${attemptJson(
    (name) => `a.${name}`,
  )}), ',') END, ']')`;

/** How a personal field is read by a caller; undefined when not at all. */
export function personal(field: keyof ReadScope['visibility'], column: string, scope?: ReadScope): string | undefined {
  const seen = scope?.visibility[field] ?? 'clear';
  if (seen === 'hidden') return undefined;
  return seen === 'hashed' ? `r.${column}_hash` : `r.${column}`;
}

/**
 * The JSON of row `r` as text. With a scope as that caller may see it, with the catalogue's names (`NAMES_JOIN` is
 * needed); without one complete and as it was applied.
 */
export function requestJson(scope?: ReadScope): string {
  const personalString = (key: string, field: keyof ReadScope['visibility'], column: string) => {
    const expression = personal(field, column, scope);
    return expression === undefined ? [] : [string(key, expression)];
  };
  const members = [
    string('traceId', TRACE_ID),
    string('environment', 'r.environment'),
    plain('n', 'r.n'),
    string('dataPlane', 'r.data_plane'),
    string('state', 'r.state'),
    string('timing', 'r.timing'),
    plain('startTime', START_MILLIS),
    plain('endTime', END_MILLIS),
    plain('durationMs', 'r.duration_ms'),
    plain('status', 'r.status'),
    string('outcome', 'r.outcome'),
    string('requestedModel', 'r.requested_model'),
    string('servedModel', 'r.served_model'),
    string('modelId', 'r.model_id'),
    string('errorClass', 'r.error_class'),
    string('errorMessage', 'r.error_message'),
    plain('usageEstimated', 'r.usage_estimated'),
    string('apiKeyId', 'r.api_key_id'),
    string('apiKeyName', scope === undefined ? 'r.api_key_name' : API_KEY_NAME),
    string('protocol', 'r.protocol'),
    string('operation', 'r.operation'),
    plain('stream', 'r.stream'),
    plain('ttftMs', 'r.ttft_ms'),
    plain('downstreamLatencyMs', 'r.downstream_ms'),
    object(
      'tokens',
      TOKEN_COLUMNS.map(([key, name]) => plain(key, `r.tokens_${name}`)),
    ),
    plain('costUsd', 'r.cost_usd'),
    plain('audioDurationSeconds', 'r.audio_seconds'),
    member('cache', 'r.cache'),
    member('guardrail', 'r.guardrail'),
    object('mcp', [string('server', 'r.mcp_server'), string('tool', 'r.mcp_tool')]),
    member('a2a', 'r.a2a'),
    string('passthroughRoute', 'r.passthrough_route'),
    string('authType', 'r.auth_type'),
    object('jwt', [
      ...personalString('subject', 'jwt.subject', 'jwt_subject'),
      string('provider', 'r.jwt_provider'),
      string('claimMapping', 'r.jwt_claim_mapping'),
    ]),
    object('client', [
      ...personalString('address', 'client.address', 'client_address'),
      ...personalString('userAgent', 'client.userAgent', 'client_agent'),
      ...personalString('identity', 'client.identity', 'client_identity'),
    ]),
    member('parent', 'r.parent'),
    plain('revision', 'r.revision'),
    member('feeds', 'r.feeds'),
    member('exportedTraceIds', 'r.exported_trace_ids'),
    ATTEMPTS,
    member('extra', 'r.extra'),
  ];
  const built = `concat('{"requestId":', to_json(${REQUEST_ID}), ${members.join(',\n  ')}, '}')`;
  if (scope === undefined) return `coalesce(r.original, ${built})`;
  const allClear = Object.values(scope.visibility).every((seen) => seen === 'clear');
  return allClear ? `CASE WHEN r.original IS NOT NULL AND k.name IS NULL THEN r.original ELSE ${built} END` : built;
}
