/**
 * The row of a request. Times are kept so that every double comes back bit for bit at a fraction of its bytes: the start
 * in µs plus what is missing to its 1/4096 ms (the distance of two doubles at today's epoch milliseconds), all else as
 * distances in 1/4096 ms. The first attempt lies in columns of its own (`a_…`), because nearly all requests have no
 * other and columns are filtered many times faster than lists; the further ones are a list. Members that few requests
 * have are kept together as JSON text (`rest`), beside columns for those of them that are filtered by.
 */

/** A column: its name, its type, and how it comes out of a staged line `s` (`s.r` is the request, `s.a` its first attempt). */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly from: string;
}

/** Doubles of today's epoch milliseconds are whole multiples of 1/4096. */
export const TICKS_PER_MILLI = 4096;

/** Stands for JSON of tokens: the attempt's are the request's. */
export const TOKENS_OF_REQUEST = '=';

/** The attempt's time to first token is the request's. */
export const TTFT_OF_REQUEST = -1;

const TOKENS = [
  ['input', 'input'],
  ['output', 'output'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['reasoning', 'reasoning'],
] as const;

export const TOKEN_COLUMNS: readonly (readonly [key: string, column: string])[] = TOKENS;

const ticks = (time: string) => `(${time} * ${TICKS_PER_MILLI})::BIGINT`;

/** Flags of a staged line: what `write/encode.ts` has found out about it. */
export const FLAGS = { uuid: 1, traceHex: 2, sameTokens: 4 } as const;
const flagged = (flag: number) => `(s.flags & ${flag}) > 0`;

/** Of an attempt that are kept as they are, by key in JSON. */
export const PLAIN_ATTEMPT_COLUMNS: readonly (readonly [key: string, column: string, type: string])[] = [
  ['index', 'idx', 'INTEGER'],
  ['kind', 'kind', 'VARCHAR'],
  ['model', 'model', 'VARCHAR'],
  ['modelId', 'model_id', 'VARCHAR'],
  ['providerKeyLabel', 'key_label', 'VARCHAR'],
  ['provider', 'provider', 'VARCHAR'],
  ['status', 'status', 'INTEGER'],
  ['outcome', 'outcome', 'VARCHAR'],
  ['errorClass', 'error_class', 'VARCHAR'],
  ['errorMessage', 'error_message', 'VARCHAR'],
  ['dispatched', 'dispatched', 'BOOLEAN'],
  ['finishReason', 'finish_reason', 'VARCHAR'],
  ['responseModel', 'response_model', 'VARCHAR'],
  ['responseId', 'response_id', 'VARCHAR'],
];

/** The columns of one attempt; `a` is how the attempt is called in SQL. */
function attemptColumns(a: string, tokens: string): Column[] {
  return [
    ...PLAIN_ATTEMPT_COLUMNS.map(([key, name, type]) => ({ name, type, from: `${a}."${key}"` })),
    { name: 'start_ticks', type: 'BIGINT', from: `${ticks(`${a}.startTime`)} - ${ticks('s.r.startTime')}` },
    // Mostly the request's own end, so that the difference is 0 and costs nothing.
    { name: 'end_ticks', type: 'BIGINT', from: `${ticks(`${a}.endTime`)} - ${ticks('s.r.endTime')}` },
    {
      name: 'other_duration',
      type: 'DOUBLE',
      from: otherDuration(`${a}.durationMs`, `${ticks(`${a}.endTime`)} - ${ticks(`${a}.startTime`)}`),
    },
    {
      name: 'ttft_ms',
      type: 'DOUBLE',
      from: `CASE WHEN ${a}.ttftMs = s.r.ttftMs THEN ${TTFT_OF_REQUEST} ELSE ${a}.ttftMs END`,
    },
    { name: 'tokens', type: 'VARCHAR', from: tokens },
  ];
}

/** The duration where it is not simply the distance of the two times. */
function otherDuration(duration: string, distance: string): string {
  return `CASE WHEN ${duration} <> (${distance}) / ${TICKS_PER_MILLI}.0 THEN ${duration} END`;
}

const FIRST_ATTEMPT = attemptColumns(
  's.a',
  `CASE WHEN ${flagged(FLAGS.sameTokens)} THEN '${TOKENS_OF_REQUEST}' ELSE s.a.tokens::VARCHAR END`,
).map((column) => ({ ...column, name: `a_${column.name}` }));
const LISTED_ATTEMPT = attemptColumns('w', 'w.tokens::VARCHAR');

const text = (name: string, from: string): Column => ({ name, type: 'VARCHAR', from });

export const COLUMNS: readonly Column[] = [
  { name: 'k1', type: 'UINTEGER', from: 's.k1' },
  { name: 'k2', type: 'UINTEGER', from: 's.k2' },
  { name: 'seq', type: 'BIGINT', from: 's.seq' },
  { name: 'request_uuid', type: 'UUID', from: `CASE WHEN ${flagged(FLAGS.uuid)} THEN s.r.requestId::UUID END` },
  text('request_text', `CASE WHEN ${flagged(FLAGS.uuid)} THEN NULL ELSE s.r.requestId END`),
  { name: 'trace_uuid', type: 'UUID', from: `CASE WHEN ${flagged(FLAGS.traceHex)} THEN s.r.traceId::UUID END` },
  text('trace_text', `CASE WHEN ${flagged(FLAGS.traceHex)} THEN NULL ELSE s.r.traceId END`),
  text('environment', 's.r.environment'),
  { name: 'n', type: 'BIGINT', from: 's.r.n' },
  text('data_plane', 's.r.dataPlane'),
  text('state', 's.r.state'),
  text('timing', 's.r.timing'),
  { name: 'start_us', type: 'BIGINT', from: 's.us' },
  { name: 'start_fine', type: 'SMALLINT', from: 's.fine' },
  { name: 'end_ticks', type: 'BIGINT', from: `${ticks('s.r.endTime')} - ${ticks('s.r.startTime')}` },
  {
    name: 'other_duration',
    type: 'DOUBLE',
    from: otherDuration('s.r.durationMs', `${ticks('s.r.endTime')} - ${ticks('s.r.startTime')}`),
  },
  { name: 'status', type: 'INTEGER', from: 's.r.status' },
  text('outcome', 's.r.outcome'),
  text('requested_model', 's.r.requestedModel'),
  text('served_model', 's.r.servedModel'),
  text('model_id', 's.r.modelId'),
  text('error_class', 's.r.errorClass'),
  text('error_message', 's.r.errorMessage'),
  { name: 'usage_estimated', type: 'BOOLEAN', from: 's.r.usageEstimated' },
  text('api_key_id', 's.r.apiKeyId'),
  text('api_key_name', 's.r.apiKeyName'),
  text('protocol', 's.r.protocol'),
  text('operation', 's.r.operation'),
  { name: 'stream', type: 'BOOLEAN', from: 's.r.stream' },
  { name: 'ttft_ms', type: 'DOUBLE', from: 's.r.ttftMs' },
  { name: 'downstream_ms', type: 'DOUBLE', from: 's.r.downstreamLatencyMs' },
  ...TOKENS.map(([key, name]) => ({ name: `tokens_${name}`, type: 'BIGINT', from: `s.r.tokens."${key}"` })),
  { name: 'cost_usd', type: 'DOUBLE', from: 's.r.costUsd' },
  text('cache', 's.r.cache'),
  text('cache_status', "s.r.cache->>'$.status'"),
  text('cache_layer', "s.r.cache->>'$.layer'"),
  text('guardrail', 's.r.guardrail'),
  { name: 'guardrail_blocked', type: 'BOOLEAN', from: "(s.r.guardrail->>'$.blocked')::BOOLEAN" },
  {
    name: 'guardrail_names',
    type: 'VARCHAR[]',
    from: "CASE WHEN json_exists(s.r.guardrail, '$.hits') THEN s.r.guardrail->>'$.hits[*].name' END",
  },
  text('mcp_server', 's.r.mcp.server'),
  text('mcp_tool', 's.r.mcp.tool'),
  text('a2a_agent', "s.r.a2a->>'$.agent'"),
  text('passthrough_route', 's.r.passthroughRoute'),
  text('jwt_subject', 's.r.jwt.subject'),
  text('jwt_subject_hash', 's.hs'),
  text('jwt_provider', 's.r.jwt.provider'),
  text('jwt_claim_mapping', 's.r.jwt.claimMapping'),
  text('client_address', 's.r.client.address'),
  text('client_address_hash', 's.ha'),
  text('client_agent', 's.r.client.userAgent'),
  text('client_agent_hash', 's.hu'),
  text('client_identity', 's.r.client.identity'),
  text('client_identity_hash', 's.hi'),
  { name: 'revision', type: 'INTEGER', from: 's.r.revision' },
  text('feeds', 's.r.feeds'),
  text('rest', 's.rest'),
  { name: 'attempt_count', type: 'INTEGER', from: 'len(s.r.attempts)' },
  ...FIRST_ATTEMPT,
  {
    name: 'more',
    type: `STRUCT(${LISTED_ATTEMPT.map(({ name, type }) => `${name} ${type}`).join(', ')})[]`,
    from: `CASE WHEN len(s.r.attempts) > 1 THEN list_transform(s.r.attempts[2:], lambda w: struct_pack(${LISTED_ATTEMPT.map(
      ({ name, from }) => `${name} := ${from}`,
    ).join(', ')})) END`,
  },
  text('original', 's.o'),
];

export const COLUMN_NAMES: string = COLUMNS.map(({ name }) => name).join(', ');

/** Only searched, never shown: their values are in the JSON of other columns. */
const SEARCHED_ONLY = new Set([
  'usage_estimated',
  'cache_status',
  'cache_layer',
  'guardrail_blocked',
  'guardrail_names',
  'mcp_server',
  'mcp_tool',
  'a2a_agent',
  'passthrough_route',
]);

/** What the JSON of a request is made of, and what it is ordered by. */
export const JSON_COLUMN_NAMES: readonly string[] = COLUMNS.map(({ name }) => name).filter(
  (name) => !SEARCHED_ONLY.has(name),
);

export const JSON_COLUMNS: string = JSON_COLUMN_NAMES.join(', ');

/** Columns of a `CREATE TABLE`. */
export const COLUMN_DEFINITIONS: string = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
