/**
 * One usage event exactly as the data plane writes it (62 fields, `UsageEvent` of the gateway at commit 100fef65).
 * Always present: the required ones. Everything else is left out when empty, zero or false.
 */
export interface UsageEvent {
  readonly request_id: string;
  readonly trace_id?: string;
  /** RFC 3339 UTC in whole seconds, truncated. */
  readonly occurred_at: string;
  /** May be empty. */
  readonly model_id: string;
  /** May be empty. */
  readonly api_key_id: string;
  readonly requested_model?: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cached_prompt_tokens?: number;
  readonly reasoning_tokens?: number;
  readonly cache_creation_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly usage_estimated?: boolean;
  readonly audio_duration_seconds?: number;
  readonly upstream_latency_ms: number;
  readonly upstream_ttft_ms?: number;
  readonly downstream_latency_ms?: number;
  readonly status_code: number;
  readonly provider_request_id?: string;
  readonly provider_model_version?: string;
  readonly finish_reason?: string;
  readonly cost_usd: number;
  readonly guardrail_blocked: boolean;
  readonly guardrail_bypassed_reason?: string;
  readonly applied_guardrails?: readonly { readonly kind: string; readonly hook: string }[];
  readonly redacted_entity_counts?: Readonly<Record<string, number>>;
  readonly guardrail_monitor_hits?: readonly GuardrailHit[];
  readonly guardrail_enforced_hits?: readonly GuardrailHit[];
  readonly cache_status?: string;
  readonly cache_hit_saved_input_tokens?: number;
  readonly cache_hit_saved_output_tokens?: number;
  readonly cache_hit_layer?: string;
  readonly cache_similarity?: number;
  readonly inbound_protocol?: string;
  readonly attempt_index: number;
  readonly attempt_kind?: string;
  readonly attempt_model?: string;
  readonly error_class?: string;
  readonly error_message?: string;
  readonly provider_kind?: string;
  readonly provider_featured?: boolean;
  readonly branded_provider?: string;
  readonly pk_label?: string;
  readonly byo_label?: string;
  readonly auth_type?: string;
  readonly client_source_ip?: string;
  readonly client_user_agent?: string;
  readonly mcp_server_name?: string;
  readonly mcp_tool_name?: string;
  readonly a2a_agent_name?: string;
  readonly a2a_method?: string;
  readonly a2a_operation?: string;
  readonly a2a_protocol_version?: string;
  readonly a2a_task_id?: string;
  readonly a2a_context_id?: string;
  readonly a2a_task_state?: string;
  readonly a2a_stream_event_count?: number;
  readonly passthrough_route_name?: string;
  readonly client_identity?: string;
  readonly jwt_subject?: string;
  readonly jwt_provider?: string;
  readonly jwt_claim_mapping?: string;
}

export interface GuardrailHit {
  readonly guardrail_name: string;
  readonly hook: string;
  readonly action: string;
  readonly reason?: string;
  readonly error_type?: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly duration_us?: number;
}

/** Order in which the gateway writes the fields; every recorded event is a subsequence of it. */
export const USAGE_FIELDS = [
  'request_id',
  'trace_id',
  'occurred_at',
  'model_id',
  'api_key_id',
  'requested_model',
  'prompt_tokens',
  'completion_tokens',
  'cached_prompt_tokens',
  'reasoning_tokens',
  'cache_creation_tokens',
  'cache_read_tokens',
  'usage_estimated',
  'audio_duration_seconds',
  'upstream_latency_ms',
  'upstream_ttft_ms',
  'downstream_latency_ms',
  'status_code',
  'provider_request_id',
  'provider_model_version',
  'finish_reason',
  'cost_usd',
  'guardrail_blocked',
  'guardrail_bypassed_reason',
  'applied_guardrails',
  'redacted_entity_counts',
  'guardrail_monitor_hits',
  'guardrail_enforced_hits',
  'cache_status',
  'cache_hit_saved_input_tokens',
  'cache_hit_saved_output_tokens',
  'cache_hit_layer',
  'cache_similarity',
  'inbound_protocol',
  'attempt_index',
  'attempt_kind',
  'attempt_model',
  'error_class',
  'error_message',
  'provider_kind',
  'provider_featured',
  'branded_provider',
  'pk_label',
  'byo_label',
  'auth_type',
  'client_source_ip',
  'client_user_agent',
  'mcp_server_name',
  'mcp_tool_name',
  'a2a_agent_name',
  'a2a_method',
  'a2a_operation',
  'a2a_protocol_version',
  'a2a_task_id',
  'a2a_context_id',
  'a2a_task_state',
  'a2a_stream_event_count',
  'passthrough_route_name',
  'client_identity',
  'jwt_subject',
  'jwt_provider',
  'jwt_claim_mapping',
] as const satisfies readonly (keyof UsageEvent)[];

/** A value as OTLP/JSON writes it: integers are strings, doubles are numbers. */
export type OtlpValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } };

export interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

/** One span as the data plane posts it; the keys stand in alphabetical order. Times are decimal nanoseconds. */
export interface OtlpSpan {
  readonly attributes: readonly OtlpAttribute[];
  readonly endTimeUnixNano: string;
  readonly flags: number;
  readonly kind: number;
  readonly name: string;
  readonly parentSpanId?: string;
  readonly spanId: string;
  readonly startTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly traceId: string;
  readonly traceState?: string;
}

/** Body of one `POST /v1/traces` of the data plane: always one resource with one scope. */
export interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** Fields that the gateway holds as 64- or 32-bit floats, which it writes with a decimal point even when whole. */
const WHOLE_FLOAT = /"(cost_usd|audio_duration_seconds|cache_similarity)":(-?\d+)(?=[,}])/g;

/**
 * The bytes that the gateway would write for an event: like `JSON.stringify`, but floats keep their decimal point
 * (`"cost_usd":0.0`). Inside a string a quote is escaped, so the pattern cannot match there.
 */
export function encodeUsageEvent(event: UsageEvent): string {
  return JSON.stringify(event).replace(WHOLE_FLOAT, '"$1":$2.0');
}

/** One line of an `object_store` upload or of an archive: the event behind the version of its schema. */
export function encodeArchiveLine(event: UsageEvent): string {
  return `{"schema_version":"1.0",${encodeUsageEvent(event).slice(1)}`;
}
