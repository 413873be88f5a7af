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

interface UsageField {
  readonly field: keyof UsageReport;
  readonly read: ReadField;
}

/**
 * Usage event field → report field, for every field that does not decide whether the event is taken (those are in
 * `usageEvent.ts`) and that stands alone (the two lists of guardrail hits become one).
 */
const TABLE = {
  model_id: ['modelId', id],
  api_key_id: ['apiKeyId', id],
  requested_model: ['requestedModel', callerText],
  prompt_tokens: ['promptTokens', count],
  completion_tokens: ['completionTokens', count],
  cached_prompt_tokens: ['cachedPromptTokens', count],
  reasoning_tokens: ['reasoningTokens', count],
  cache_creation_tokens: ['cacheCreationTokens', count],
  cache_read_tokens: ['cacheReadTokens', count],
  usage_estimated: ['usageEstimated', flag],
  audio_duration_seconds: ['audioDurationSeconds', amount],
  upstream_latency_ms: ['upstreamLatencyMs', countFromZero],
  upstream_ttft_ms: ['upstreamTtftMs', count],
  downstream_latency_ms: ['downstreamLatencyMs', count],
  provider_request_id: ['providerRequestId', callerText],
  provider_model_version: ['providerModelVersion', label],
  finish_reason: ['finishReason', label],
  cost_usd: ['costUsd', amount],
  guardrail_blocked: ['guardrailBlocked', flag],
  guardrail_bypassed_reason: ['guardrailBypassedReason', label],
  applied_guardrails: ['appliedGuardrails', appliedGuardrails],
  redacted_entity_counts: ['redactedEntityCounts', entityCounts],
  cache_status: ['cacheStatus', label],
  cache_hit_saved_input_tokens: ['cacheHitSavedInputTokens', count],
  cache_hit_saved_output_tokens: ['cacheHitSavedOutputTokens', count],
  cache_hit_layer: ['cacheHitLayer', label],
  cache_similarity: ['cacheSimilarity', similarity],
  inbound_protocol: ['inboundProtocol', label],
  operation: ['operation', label],
  attempt_kind: ['attemptKind', attemptKind],
  attempt_model: ['attemptModel', label],
  error_class: ['errorClass', label],
  error_message: ['errorMessage', errorMessage],
  provider_kind: ['providerKind', label],
  provider_featured: ['providerFeatured', flag],
  branded_provider: ['brandedProvider', label],
  pk_label: ['pkLabel', label],
  byo_label: ['byoLabel', label],
  auth_type: ['authType', label],
  client_source_ip: ['clientAddress', label],
  client_user_agent: ['clientUserAgent', userAgent],
  mcp_server_name: ['mcpServer', label],
  mcp_tool_name: ['mcpTool', callerText],
  a2a_agent_name: ['a2aAgent', label],
  a2a_method: ['a2aMethod', callerText],
  a2a_operation: ['a2aOperation', label],
  a2a_protocol_version: ['a2aProtocolVersion', label],
  a2a_task_id: ['a2aTaskId', callerText],
  a2a_context_id: ['a2aContextId', callerText],
  a2a_task_state: ['a2aTaskState', label],
  a2a_stream_event_count: ['a2aStreamEventCount', count],
  passthrough_route_name: ['passthroughRoute', label],
  client_identity: ['clientIdentity', callerText],
  jwt_subject: ['jwtSubject', callerText],
  jwt_provider: ['jwtProvider', label],
  jwt_claim_mapping: ['jwtClaimMapping', label],
} as const satisfies Readonly<Record<string, readonly [keyof UsageReport, ReadField]>>;

/** A map rather than an object: a field named `__proto__` or `constructor` finds nothing. */
export const USAGE_FIELDS: ReadonlyMap<string, UsageField> = new Map(
  Object.entries(TABLE).map(([name, [field, read]]) => [name, { field, read }]),
);
