import type { AttributeName } from './attributes.ts';

/** Where an attribute is written. `call`: the logical span, or the SERVER span of a request that made no attempt. */
export type AttributePlace = 'every span' | 'server' | 'logical' | 'call' | 'attempt' | 'link' | 'resource';

export interface AttributeEntry {
  readonly type: 'string' | 'string[]' | 'int' | 'double' | 'boolean';
  readonly on: readonly AttributePlace[];
  /** What it says, with unit and condition. Markdown. */
  readonly says: string;
}

/** Every attribute, in the order in which a reader looks for them; the documentation is made of it. */
export const ATTRIBUTE_TABLE: Readonly<Record<AttributeName, AttributeEntry>> = {
  'aisix.request_id': {
    type: 'string',
    on: ['every span'],
    says: 'Id of the request, as the caller got it in `x-aisix-request-id`; callers may choose it',
  },
  'aisix.timing': {
    type: 'string',
    on: ['every span'],
    says: '`measured` (true times from the data plane’s spans) or `reconstructed` (from whole seconds and latencies, ±500 ms)',
  },
  'aisix.revision': {
    type: 'int',
    on: ['every span'],
    says: '0 for the first version; a correction comes under the same ids with the next number',
  },
  'aisix.environment.id': { type: 'string', on: ['server', 'resource'], says: 'AISIX environment' },
  'aisix.data_plane.id': {
    type: 'string',
    on: ['server'],
    says: 'Data plane that served the request, where the input tells it',
  },
  'aisix.outcome': {
    type: 'string',
    on: ['server'],
    says: 'What became of the request: one of a closed set (`success`, `provider_error`, `rate_limited`, …)',
  },
  'aisix.inbound_protocol': {
    type: 'string',
    on: ['server'],
    says: '`openai`, `anthropic`, `mcp`, `a2a`, `passthrough`, `realtime`, `batch`',
  },
  'gen_ai.operation.name': {
    type: 'string',
    on: ['server', 'logical'],
    says: 'GenAI operation; the gateway’s own word where the convention has none. Not on attempts, so that calls can be counted by it',
  },
  'aisix.operation': {
    type: 'string',
    on: ['server'],
    says: 'The gateway’s own word for the operation, from gateways that say it',
  },
  'gen_ai.request.model': {
    type: 'string',
    on: ['server', 'logical'],
    says: 'Model as the caller asked for it; the name of the group for routing',
  },
  'aisix.served_model': { type: 'string', on: ['server'], says: 'Model that answered; absent for failures' },
  'aisix.model_id': { type: 'string', on: ['server', 'attempt'], says: 'Id of the model resource' },
  'http.response.status_code': {
    type: 'int',
    on: ['server', 'attempt'],
    says: 'What the caller saw; on attempts what the gateway made of the provider’s answer',
  },
  'error.type': {
    type: 'string',
    on: ['server', 'logical', 'attempt'],
    says: 'The gateway’s error class, else the status, else the outcome; only on failures. A caller that left is none',
  },
  'aisix.error_class': { type: 'string', on: ['server', 'attempt'], says: 'The gateway’s error class as it stands' },
  'aisix.error_message': {
    type: 'string',
    on: ['server', 'attempt'],
    says: 'Free text of the failure, secrets removed; also the message of the span’s status',
  },
  'aisix.downstream_latency_ms': {
    type: 'int',
    on: ['server'],
    says: 'Milliseconds from the request received to the response written (streams: first token forwarded), as the gateway measured it',
  },
  'aisix.attempt_count': { type: 'int', on: ['server'], says: 'Attempts made; 0 for cache hits and refusals' },
  'aisix.retry_count': { type: 'int', on: ['server'], says: 'Attempts of kind `retry`' },
  'aisix.fallback_count': { type: 'int', on: ['server'], says: 'Attempts of kind `fallback`' },
  'aisix.api_key_id': { type: 'string', on: ['server'], says: 'Id of the caller key' },
  'aisix.api_key_name': { type: 'string', on: ['server'], says: 'Name of the caller key, where a catalogue knows it' },
  'aisix.auth_type': { type: 'string', on: ['server'], says: '`anonymous` where a route asked for no key' },
  'client.address': { type: 'string', on: ['server'], says: 'Address of the caller' },
  'user_agent.original': { type: 'string', on: ['server'], says: 'User agent of the caller' },
  'aisix.client_identity': { type: 'string', on: ['server'], says: 'End user, from the identity header of a route' },
  'aisix.jwt_subject': { type: 'string', on: ['server'], says: 'Subject of the caller’s token' },
  'aisix.jwt_provider': { type: 'string', on: ['server'], says: 'OIDC provider resource that issued it' },
  'aisix.jwt_claim_mapping': { type: 'string', on: ['server'], says: 'Claim mapping resource that matched' },
  'aisix.cache.status': { type: 'string', on: ['server'], says: '`hit`, `miss`, `disabled`, `bypass`' },
  'aisix.cache.layer': { type: 'string', on: ['server'], says: '`exact` or `semantic`, of a hit' },
  'aisix.cache.similarity': { type: 'double', on: ['server'], says: '0 to 1, of a semantic hit' },
  'aisix.cache.saved_input_tokens': { type: 'int', on: ['server'], says: 'Input tokens that a hit saved' },
  'aisix.cache.saved_output_tokens': { type: 'int', on: ['server'], says: 'Output tokens that a hit saved' },
  'aisix.guardrail.blocked': { type: 'boolean', on: ['server'], says: 'A guardrail stopped the request or its answer' },
  'aisix.guardrail.bypassed_reason': {
    type: 'string',
    on: ['server'],
    says: 'Why a guardrail let the request pass unchecked',
  },
  'aisix.guardrail.applied': { type: 'string[]', on: ['server'], says: 'Guardrails that looked, as `kind/hook`' },
  'aisix.guardrail.names': {
    type: 'string[]',
    on: ['server'],
    says: 'Guardrails that found something; the three lists below run beside it',
  },
  'aisix.guardrail.hooks': { type: 'string[]', on: ['server'], says: '`input` or `output`' },
  'aisix.guardrail.actions': { type: 'string[]', on: ['server'], says: '`blocked`, `masked`, `would_block`, …' },
  'aisix.guardrail.modes': { type: 'string[]', on: ['server'], says: '`enforced` or `monitor`' },
  'aisix.guardrail.redacted_entities': {
    type: 'string[]',
    on: ['server'],
    says: 'What was masked, as `detector=count`',
  },
  'gen_ai.provider.name': {
    type: 'string',
    on: ['call', 'attempt'],
    says: 'Provider by the convention’s spelling, from the brand of the provider key or from the gateway’s own span; absent when the gateway does not say it',
  },
  'gen_ai.request.stream': { type: 'boolean', on: ['call'], says: 'True for streams, else absent' },
  'gen_ai.output.type': { type: 'string', on: ['call'], says: '`image` or `speech` where the operation decides it' },
  'gen_ai.response.model': { type: 'string', on: ['call', 'attempt'], says: 'Model as the provider named it' },
  'gen_ai.response.id': { type: 'string', on: ['call', 'attempt'], says: 'The provider’s id of the answer' },
  'gen_ai.response.finish_reasons': {
    type: 'string[]',
    on: ['call', 'attempt'],
    says: 'One element: why the answer ended',
  },
  'gen_ai.response.time_to_first_chunk': {
    type: 'double',
    on: ['call', 'attempt'],
    says: 'Seconds to the first chunk of a stream: from the start of that span, so on the logical span with the failed attempts before it',
  },
  'gen_ai.usage.input_tokens': {
    type: 'int',
    on: ['call'],
    says: 'Input tokens with cached ones. This and the four below stand on exactly one span of a request',
  },
  'gen_ai.usage.output_tokens': { type: 'int', on: ['call'], says: 'Output tokens with reasoning' },
  'gen_ai.usage.cache_read.input_tokens': {
    type: 'int',
    on: ['call'],
    says: 'Part of the input read from the provider’s cache',
  },
  'gen_ai.usage.cache_write.input_tokens': {
    type: 'int',
    on: ['call'],
    says: 'Part of the input written to the provider’s cache',
  },
  'gen_ai.usage.reasoning.output_tokens': { type: 'int', on: ['call'], says: 'Part of the output that was reasoning' },
  'aisix.usage_estimated': { type: 'boolean', on: ['call'], says: 'The gateway counted the tokens itself' },
  'aisix.cost_usd': { type: 'double', on: ['call'], says: 'US dollars, where the gateway knows a price' },
  'aisix.audio.duration_seconds': { type: 'double', on: ['call'], says: 'Seconds of audio, where they are billed' },
  'gen_ai.tool.name': { type: 'string', on: ['call'], says: 'MCP tool' },
  'aisix.mcp.server_name': { type: 'string', on: ['call'], says: 'MCP server resource' },
  'gen_ai.agent.name': { type: 'string', on: ['call'], says: 'A2A agent resource' },
  'gen_ai.conversation.id': { type: 'string', on: ['call'], says: 'A2A context' },
  'aisix.a2a.method': { type: 'string', on: ['call'], says: 'JSON-RPC method as received' },
  'aisix.a2a.operation': { type: 'string', on: ['call'], says: 'The same, normalised' },
  'aisix.a2a.protocol_version': { type: 'string', on: ['call'], says: 'A2A version' },
  'aisix.a2a.task_id': { type: 'string', on: ['call'], says: 'A2A task' },
  'aisix.a2a.task_state': { type: 'string', on: ['call'], says: 'State of the task at the end' },
  'aisix.a2a.stream_event_count': { type: 'int', on: ['call'], says: 'Frames of an A2A stream' },
  'aisix.passthrough.route_name': { type: 'string', on: ['call'], says: 'Passthrough route' },
  'aisix.attempt_index': { type: 'int', on: ['attempt'], says: '0 for the first; only attempts carry it' },
  'aisix.attempt_kind': {
    type: 'string',
    on: ['attempt'],
    says: '`initial`, `retry` (same target), `fallback` (another target), `panel`, `judge`',
  },
  'aisix.attempt_model': { type: 'string', on: ['attempt'], says: 'Target that was tried' },
  'aisix.attempt.outcome': {
    type: 'string',
    on: ['attempt'],
    says: 'What became of the attempt, in the words of `aisix.outcome`',
  },
  'aisix.attempt.previous_error': {
    type: 'string',
    on: ['attempt'],
    says: '`error.type` of the attempt that this `retry` or `fallback` repeats: the reason for it',
  },
  'http.request.resend_count': {
    type: 'int',
    on: ['attempt'],
    says: 'Ordinal of a `retry` or `fallback`, from 1; absent on the first send and on members of a panel',
  },
  'aisix.dispatched': {
    type: 'boolean',
    on: ['attempt'],
    says: 'False when the gateway refused the target itself and nothing left it',
  },
  'aisix.provider_key.label': { type: 'string', on: ['attempt'], says: 'Label of the provider key' },
  'aisix.upstream_ttft_ms': {
    type: 'int',
    on: ['attempt'],
    says: 'Milliseconds from the start of the attempt to the first chunk',
  },
  'aisix.attempt.input_tokens': {
    type: 'int',
    on: ['attempt'],
    says: 'Tokens of this attempt alone, outside of `gen_ai.usage.*` so that sums count nothing twice',
  },
  'aisix.attempt.output_tokens': { type: 'int', on: ['attempt'], says: 'The same for output' },
  'aisix.attempt.cache_read.input_tokens': { type: 'int', on: ['attempt'], says: 'The same for cache reads' },
  'aisix.attempt.cache_write.input_tokens': { type: 'int', on: ['attempt'], says: 'The same for cache writes' },
  'aisix.attempt.reasoning.output_tokens': { type: 'int', on: ['attempt'], says: 'The same for reasoning' },
  'gen_ai.system': {
    type: 'string',
    on: ['every span'],
    says: 'Only with `legacy_genai`: the provider under its name before 2025, `aisix` when not known',
  },
  'aisix.gateway_trace_id': {
    type: 'string',
    on: ['server'],
    says: 'The gateway’s own trace, only where the span is exported in another',
  },
  'aisix.link.target': {
    type: 'string',
    on: ['link'],
    says: '`caller` (the link names the caller’s span) or `gateway_trace` (only the trace is known)',
  },
  'service.name': { type: 'string', on: ['resource'], says: '`aisix-gateway` unless configured' },
  'service.instance.id': { type: 'string', on: ['resource'], says: 'Id of the data plane, where it is known' },
  'deployment.environment.name': { type: 'string', on: ['resource'], says: 'Configured name of the environment' },
  'telemetry.distro.name': {
    type: 'string',
    on: ['resource'],
    says: '`aisix-observability`: tells these spans from the data plane’s own',
  },
  'telemetry.distro.version': { type: 'string', on: ['resource'], says: 'Its version' },
};
