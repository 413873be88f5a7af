/**
 * Every attribute name that is written on a span, a link or a resource; nowhere else is one spelled out.
 *
 * Names of the OpenTelemetry conventions are the current ones: `gen_ai.*` moved to its own repository in 2026 and has
 * no package, so the constants stand here. `aisix.*` names are spelled as the data plane spells them where it has one,
 * so that a query works on its own spans too; those that it does not have stand beside them. What each one means is
 * in `attributeTable.ts`.
 */
export const ATTRIBUTE = {
  // Conventions: HTTP, client, error (stable)
  errorType: 'error.type',
  httpStatus: 'http.response.status_code',
  httpResendCount: 'http.request.resend_count',
  clientAddress: 'client.address',
  userAgent: 'user_agent.original',

  // Conventions: GenAI (development)
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  outputType: 'gen_ai.output.type',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  agentName: 'gen_ai.agent.name',
  conversationId: 'gen_ai.conversation.id',
  toolName: 'gen_ai.tool.name',
  /** Deprecated; written only when asked for. */
  legacySystem: 'gen_ai.system',

  // Spelled as the data plane spells them
  requestId: 'aisix.request_id',
  apiKeyId: 'aisix.api_key_id',
  modelId: 'aisix.model_id',
  gatewayOperation: 'aisix.operation',
  attemptIndex: 'aisix.attempt_index',
  attemptKind: 'aisix.attempt_kind',
  attemptModel: 'aisix.attempt_model',
  errorClass: 'aisix.error_class',
  errorMessage: 'aisix.error_message',
  upstreamTtftMs: 'aisix.upstream_ttft_ms',
  downstreamLatencyMs: 'aisix.downstream_latency_ms',
  audioDuration: 'aisix.audio.duration_seconds',
  clientIdentity: 'aisix.client_identity',
  jwtSubject: 'aisix.jwt_subject',
  jwtProvider: 'aisix.jwt_provider',
  jwtClaimMapping: 'aisix.jwt_claim_mapping',
  mcpServer: 'aisix.mcp.server_name',
  a2aMethod: 'aisix.a2a.method',
  a2aOperation: 'aisix.a2a.operation',
  a2aProtocolVersion: 'aisix.a2a.protocol_version',
  a2aTaskId: 'aisix.a2a.task_id',
  a2aTaskState: 'aisix.a2a.task_state',
  a2aStreamEventCount: 'aisix.a2a.stream_event_count',
  passthroughRoute: 'aisix.passthrough.route_name',

  // Beside them: the request
  environmentId: 'aisix.environment.id',
  dataPlaneId: 'aisix.data_plane.id',
  outcome: 'aisix.outcome',
  timing: 'aisix.timing',
  revision: 'aisix.revision',
  protocol: 'aisix.inbound_protocol',
  servedModel: 'aisix.served_model',
  apiKeyName: 'aisix.api_key_name',
  authType: 'aisix.auth_type',
  attemptCount: 'aisix.attempt_count',
  retryCount: 'aisix.retry_count',
  fallbackCount: 'aisix.fallback_count',
  costUsd: 'aisix.cost_usd',
  usageEstimated: 'aisix.usage_estimated',
  gatewayTraceId: 'aisix.gateway_trace_id',

  // Beside them: cache and guardrails
  cacheStatus: 'aisix.cache.status',
  cacheLayer: 'aisix.cache.layer',
  cacheSimilarity: 'aisix.cache.similarity',
  cacheSavedInputTokens: 'aisix.cache.saved_input_tokens',
  cacheSavedOutputTokens: 'aisix.cache.saved_output_tokens',
  guardrailBlocked: 'aisix.guardrail.blocked',
  guardrailBypassedReason: 'aisix.guardrail.bypassed_reason',
  guardrailApplied: 'aisix.guardrail.applied',
  guardrailNames: 'aisix.guardrail.names',
  guardrailHooks: 'aisix.guardrail.hooks',
  guardrailActions: 'aisix.guardrail.actions',
  guardrailModes: 'aisix.guardrail.modes',
  guardrailRedactedEntities: 'aisix.guardrail.redacted_entities',

  // Beside them: the attempt
  attemptOutcome: 'aisix.attempt.outcome',
  attemptPreviousError: 'aisix.attempt.previous_error',
  attemptInputTokens: 'aisix.attempt.input_tokens',
  attemptOutputTokens: 'aisix.attempt.output_tokens',
  attemptCacheReadTokens: 'aisix.attempt.cache_read.input_tokens',
  attemptCacheWriteTokens: 'aisix.attempt.cache_write.input_tokens',
  attemptReasoningTokens: 'aisix.attempt.reasoning.output_tokens',
  dispatched: 'aisix.dispatched',
  providerKeyLabel: 'aisix.provider_key.label',

  // Link
  linkTarget: 'aisix.link.target',

  // Resource
  serviceName: 'service.name',
  serviceInstanceId: 'service.instance.id',
  environmentName: 'deployment.environment.name',
  distroName: 'telemetry.distro.name',
  distroVersion: 'telemetry.distro.version',
} as const;

export type AttributeName = (typeof ATTRIBUTE)[keyof typeof ATTRIBUTE];

/** Name of the scope that all spans stand under. The OTLP receiver takes the data plane's scope only, so none of ours comes back in. */
export const SCOPE_NAME = 'aisix-observability.collector-exporter';

/** Distinct from the data plane's own `aisix-dp`. */
export const DEFAULT_SERVICE_NAME = 'aisix-gateway';

export const DISTRO_NAME = 'aisix-observability';
