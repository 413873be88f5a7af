import type { RequestField } from '../../fields.ts';
import type { ReadScope } from '../../query.ts';
import { API_KEY_NAME, END_MILLIS, personal, REQUEST_ID, TRACE_ID } from './requestJson.ts';

/** Where the values of a field are: one in an expression over row `r`, in every attempt, or in a list. */
export type FieldSql =
  | { readonly kind: 'one'; readonly sql: string }
  | { readonly kind: 'attempts'; readonly column: string }
  | { readonly kind: 'list'; readonly sql: string };

const one = (sql: string): FieldSql => ({ kind: 'one', sql });
const attempts = (column: string): FieldSql => ({ kind: 'attempts', column });

/**
 * The only place where a field becomes SQL. Of times and ids it is the form to compare with: µs, text.
 */
const FIELDS: Readonly<Record<RequestField, FieldSql>> = {
  requestId: one(REQUEST_ID),
  traceId: one(TRACE_ID),
  environment: one('r.environment'),
  dataPlane: one('r.data_plane'),
  state: one('r.state'),
  timing: one('r.timing'),
  startTime: one('r.start_us'),
  endTime: one(`round(${END_MILLIS} * 1000)::BIGINT`),
  durationMs: one('r.duration_ms'),
  status: one('r.status'),
  outcome: one('r.outcome'),
  requestedModel: one('r.requested_model'),
  servedModel: one('r.served_model'),
  modelId: one('r.model_id'),
  errorClass: one('r.error_class'),
  errorMessage: one('r.error_message'),
  apiKeyId: one('r.api_key_id'),
  apiKeyName: one(API_KEY_NAME),
  protocol: one('r.protocol'),
  operation: one('r.operation'),
  stream: one('r.stream'),
  ttftMs: one('r.ttft_ms'),
  'tokens.input': one('r.tokens_input'),
  'tokens.output': one('r.tokens_output'),
  'tokens.cacheRead': one('r.tokens_cache_read'),
  'tokens.cacheWrite': one('r.tokens_cache_write'),
  'tokens.reasoning': one('r.tokens_reasoning'),
  costUsd: one('r.cost_usd'),
  usageEstimated: one('r.usage_estimated'),
  'cache.status': one('r.cache_status'),
  'cache.layer': one('r.cache_layer'),
  'guardrail.blocked': one('r.guardrail_blocked'),
  'guardrail.name': { kind: 'list', sql: 'r.guardrail_names' },
  'mcp.server': one('r.mcp_server'),
  'mcp.tool': one('r.mcp_tool'),
  'a2a.agent': one('r.a2a_agent'),
  passthroughRoute: one('r.passthrough_route'),
  'jwt.subject': one('r.jwt_subject'),
  'jwt.provider': one('r.jwt_provider'),
  'client.address': one('r.client_address'),
  'client.userAgent': one('r.client_agent'),
  'client.identity': one('r.client_identity'),
  revision: one('r.revision'),
  attemptCount: one('r.attempt_count'),
  'attempt.kind': attempts('kind'),
  'attempt.model': attempts('model'),
  'attempt.modelId': attempts('model_id'),
  'attempt.provider': attempts('provider'),
  'attempt.providerKeyLabel': attempts('key_label'),
  'attempt.status': attempts('status'),
  'attempt.outcome': attempts('outcome'),
  'attempt.errorClass': attempts('error_class'),
  'attempt.errorMessage': attempts('error_message'),
  'attempt.responseId': attempts('response_id'),
  'attempt.responseModel': attempts('response_model'),
  'attempt.finishReason': attempts('finish_reason'),
};

const PERSONAL_COLUMNS: Readonly<Record<keyof ReadScope['visibility'], string>> = {
  'jwt.subject': 'jwt_subject',
  'client.address': 'client_address',
  'client.userAgent': 'client_agent',
  'client.identity': 'client_identity',
};

/** A field as a caller of this scope may use it; undefined when it does not exist for them. */
export function fieldSql(field: RequestField, scope: ReadScope): FieldSql | undefined {
  if (!Object.hasOwn(PERSONAL_COLUMNS, field)) return FIELDS[field];
  const hideable = field as keyof typeof PERSONAL_COLUMNS;
  const sql = personal(hideable, PERSONAL_COLUMNS[hideable], scope);
  return sql === undefined ? undefined : one(sql);
}
