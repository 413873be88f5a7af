import type { UsageReport } from '../report.ts';
import {
  amount,
  appliedGuardrails,
  attemptKind,
  callerText,
  count,
  countFromZero,
  entityCounts,
  errorMessage,
  flag,
  id,
  label,
  type ReadField,
  similarity,
  userAgent,
} from './fields.ts';
import type { Tally } from './tally.ts';

/** A report while it is put together. */
export type OpenUsageReport = { -readonly [Field in keyof UsageReport]: UsageReport[Field] };

/** Takes one field of the wire into the report; null for those that are read apart. */
export type TakeUsageField = ((report: OpenUsageReport, value: unknown, name: string, tally: Tally) => void) | null;

/**
 * Joins how a value is read with where it goes. The place is written out as an assignment: setting properties by
 * name at run time costs three times as much, and this is done for every field of every event.
 */
function take<T>(read: ReadField<T>, put: (report: OpenUsageReport, taken: T) => void): NonNullable<TakeUsageField> {
  return (report, value, name, tally) => {
    const taken = read(value, name, tally);
    if (taken !== undefined) put(report, taken);
  };
}

/** Read before the loop because an event without them is refused, or after it because two make one list. */
const READ_APART = [
  'request_id',
  'trace_id',
  'occurred_at',
  'attempt_index',
  'status_code',
  'schema_version',
  'guardrail_enforced_hits',
  'guardrail_monitor_hits',
] as const;

/**
 * Usage event field → report field, for every field that does not decide whether the event is taken (those are in
 * `usageEvent.ts`) and that stands alone (the two lists of guardrail hits become one).
 */
const TABLE = {
  model_id: take(id, (report, taken) => {
    report.modelId = taken;
  }),
  api_key_id: take(id, (report, taken) => {
    report.apiKeyId = taken;
  }),
  requested_model: take(callerText, (report, taken) => {
    report.requestedModel = taken;
  }),
  prompt_tokens: take(count, (report, taken) => {
    report.promptTokens = taken;
  }),
  completion_tokens: take(count, (report, taken) => {
    report.completionTokens = taken;
  }),
  cached_prompt_tokens: take(count, (report, taken) => {
    report.cachedPromptTokens = taken;
  }),
  reasoning_tokens: take(count, (report, taken) => {
    report.reasoningTokens = taken;
  }),
  cache_creation_tokens: take(count, (report, taken) => {
    report.cacheCreationTokens = taken;
  }),
  cache_read_tokens: take(count, (report, taken) => {
    report.cacheReadTokens = taken;
  }),
  usage_estimated: take(flag, (report, taken) => {
    report.usageEstimated = taken;
  }),
  audio_duration_seconds: take(amount, (report, taken) => {
    report.audioDurationSeconds = taken;
  }),
  upstream_latency_ms: take(countFromZero, (report, taken) => {
    report.upstreamLatencyMs = taken;
  }),
  upstream_ttft_ms: take(count, (report, taken) => {
    report.upstreamTtftMs = taken;
  }),
  downstream_latency_ms: take(count, (report, taken) => {
    report.downstreamLatencyMs = taken;
  }),
  provider_request_id: take(label, (report, taken) => {
    report.providerRequestId = taken;
  }),
  provider_model_version: take(label, (report, taken) => {
    report.providerModelVersion = taken;
  }),
  finish_reason: take(label, (report, taken) => {
    report.finishReason = taken;
  }),
  cost_usd: take(amount, (report, taken) => {
    report.costUsd = taken;
  }),
  guardrail_blocked: take(flag, (report, taken) => {
    report.guardrailBlocked = taken;
  }),
  guardrail_bypassed_reason: take(label, (report, taken) => {
    report.guardrailBypassedReason = taken;
  }),
  applied_guardrails: take(appliedGuardrails, (report, taken) => {
    report.appliedGuardrails = taken;
  }),
  redacted_entity_counts: take(entityCounts, (report, taken) => {
    report.redactedEntityCounts = taken;
  }),
  cache_status: take(label, (report, taken) => {
    report.cacheStatus = taken;
  }),
  cache_hit_saved_input_tokens: take(count, (report, taken) => {
    report.cacheHitSavedInputTokens = taken;
  }),
  cache_hit_saved_output_tokens: take(count, (report, taken) => {
    report.cacheHitSavedOutputTokens = taken;
  }),
  cache_hit_layer: take(label, (report, taken) => {
    report.cacheHitLayer = taken;
  }),
  cache_similarity: take(similarity, (report, taken) => {
    report.cacheSimilarity = taken;
  }),
  inbound_protocol: take(label, (report, taken) => {
    report.inboundProtocol = taken;
  }),
  operation: take(label, (report, taken) => {
    report.operation = taken;
  }),
  attempt_kind: take(attemptKind, (report, taken) => {
    report.attemptKind = taken;
  }),
  attempt_model: take(label, (report, taken) => {
    report.attemptModel = taken;
  }),
  error_class: take(label, (report, taken) => {
    report.errorClass = taken;
  }),
  error_message: take(errorMessage, (report, taken) => {
    report.errorMessage = taken;
  }),
  provider_kind: take(label, (report, taken) => {
    report.providerKind = taken;
  }),
  provider_featured: take(flag, (report, taken) => {
    report.providerFeatured = taken;
  }),
  branded_provider: take(label, (report, taken) => {
    report.brandedProvider = taken;
  }),
  pk_label: take(label, (report, taken) => {
    report.pkLabel = taken;
  }),
  byo_label: take(label, (report, taken) => {
    report.byoLabel = taken;
  }),
  auth_type: take(label, (report, taken) => {
    report.authType = taken;
  }),
  client_source_ip: take(label, (report, taken) => {
    report.clientAddress = taken;
  }),
  client_user_agent: take(userAgent, (report, taken) => {
    report.clientUserAgent = taken;
  }),
  mcp_server_name: take(label, (report, taken) => {
    report.mcpServer = taken;
  }),
  mcp_tool_name: take(callerText, (report, taken) => {
    report.mcpTool = taken;
  }),
  a2a_agent_name: take(label, (report, taken) => {
    report.a2aAgent = taken;
  }),
  a2a_method: take(callerText, (report, taken) => {
    report.a2aMethod = taken;
  }),
  a2a_operation: take(label, (report, taken) => {
    report.a2aOperation = taken;
  }),
  a2a_protocol_version: take(label, (report, taken) => {
    report.a2aProtocolVersion = taken;
  }),
  a2a_task_id: take(callerText, (report, taken) => {
    report.a2aTaskId = taken;
  }),
  a2a_context_id: take(callerText, (report, taken) => {
    report.a2aContextId = taken;
  }),
  a2a_task_state: take(label, (report, taken) => {
    report.a2aTaskState = taken;
  }),
  a2a_stream_event_count: take(count, (report, taken) => {
    report.a2aStreamEventCount = taken;
  }),
  passthrough_route_name: take(label, (report, taken) => {
    report.passthroughRoute = taken;
  }),
  client_identity: take(callerText, (report, taken) => {
    report.clientIdentity = taken;
  }),
  jwt_subject: take(callerText, (report, taken) => {
    report.jwtSubject = taken;
  }),
  jwt_provider: take(label, (report, taken) => {
    report.jwtProvider = taken;
  }),
  jwt_claim_mapping: take(label, (report, taken) => {
    report.jwtClaimMapping = taken;
  }),
} satisfies Readonly<Record<string, TakeUsageField>>;

/** A map rather than an object: a field named `__proto__` or `constructor` finds nothing. */
export const USAGE_FIELDS: ReadonlyMap<string, TakeUsageField> = new Map<string, TakeUsageField>([
  ...Object.entries(TABLE),
  ...READ_APART.map((name) => [name, null] as const),
]);
