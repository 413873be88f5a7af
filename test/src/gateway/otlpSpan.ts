import type { OtlpAttribute, OtlpSpan, OtlpTraces, OtlpValue, UsageEvent } from '../recordings/wire.ts';

/** The caller's span, from a `traceparent`. */
export interface RemoteParent {
  readonly spanId: string;
  readonly traceState?: string;
}

export interface SpanFrame {
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  /** Set on a SERVER span whose parent is the caller's. */
  readonly remoteParent?: RemoteParent | undefined;
  /** Epoch milliseconds with fractions. */
  readonly start: number;
  readonly end: number;
}

/** SERVER and CLIENT of OTLP. */
export const SERVER = 2;
export const CLIENT = 3;

/** Sampled, and it is known whether the parent is remote. */
const FLAGS_LOCAL_PARENT = 0x101;
const FLAGS_REMOTE_PARENT = 0x301;

/** Name under which the simulated data plane's exporter is configured. */
export const EXPORTER_NAME = 'otlp';

/**
 * One span as the data plane encodes it. A carrier says everything that OTLP carries of the event; the other spans of
 * a request only the structural set.
 */
export function otlpSpan(event: UsageEvent, kind: number, frame: SpanFrame, carrier: boolean): OtlpSpan {
  const parent = frame.remoteParent?.spanId ?? frame.parentSpanId;
  return {
    attributes: carrier ? carrierAttributes(event) : structuralAttributes(event),
    endTimeUnixNano: nanos(frame.end),
    flags: frame.remoteParent === undefined ? FLAGS_LOCAL_PARENT : FLAGS_REMOTE_PARENT,
    kind,
    name: spanName(event),
    ...(parent !== undefined && { parentSpanId: parent }),
    spanId: frame.spanId,
    startTimeUnixNano: nanos(frame.start),
    status: { code: event.status_code >= 200 && event.status_code < 300 ? 1 : 2 },
    traceId: event.trace_id ?? '',
    ...(frame.remoteParent?.traceState !== undefined && { traceState: frame.remoteParent.traceState }),
  };
}

/** Body of one post. */
export function otlpTraces(spans: readonly OtlpSpan[]): OtlpTraces {
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'aisix-dp')] },
        scopeSpans: [{ scope: { name: 'aisix-obs.otlp_http_sink' }, spans }],
      },
    ],
  };
}

/** Decimal nanoseconds of epoch milliseconds; a double holds microseconds of this century exactly. */
export function nanos(time: number): string {
  return `${Math.round(time * 1000)}000`;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  a2a: 'invoke_agent',
  mcp: 'execute_tool',
  passthrough: 'passthrough',
};

const operationOf = (event: UsageEvent) => OPERATIONS[event.inbound_protocol ?? ''] ?? 'chat';

/** The longest target that the gateway puts into a span's name. */
const MAX_TARGET = 64;

function spanName(event: UsageEvent): string {
  const operation = operationOf(event);
  if (operation === 'chat') return 'chat.completions';
  const target = event.mcp_tool_name ?? event.a2a_agent_name ?? event.passthrough_route_name ?? '';
  return target.length >= 1 && target.length <= MAX_TARGET ? `${operation} ${target}` : operation;
}

function structuralAttributes(event: UsageEvent): OtlpAttribute[] {
  return [
    text('gen_ai.system', 'aisix'),
    text('gen_ai.operation.name', operationOf(event)),
    text('aisix.exporter_name', EXPORTER_NAME),
    text('aisix.request_id', event.request_id),
    int('http.response.status_code', event.status_code),
    ...optionalText('gen_ai.request.model', event.requested_model),
  ];
}

function carrierAttributes(event: UsageEvent): OtlpAttribute[] {
  const finish = event.finish_reason;
  return [
    text('gen_ai.system', 'aisix'),
    text('gen_ai.operation.name', operationOf(event)),
    ...optionalText('gen_ai.request.model', event.requested_model),
    ...optionalText('gen_ai.response.model', event.provider_model_version),
    ...optionalText('gen_ai.response.id', event.provider_request_id),
    ...(finish === undefined
      ? []
      : [{ key: 'gen_ai.response.finish_reasons', value: { arrayValue: { values: [{ stringValue: finish }] } } }]),
    int('gen_ai.usage.input_tokens', event.prompt_tokens),
    int('gen_ai.usage.output_tokens', event.completion_tokens),
    int('http.response.status_code', event.status_code),
    ...optionalText('aisix.api_key_id', event.api_key_id),
    ...optionalText('aisix.model_id', event.model_id),
    ...(event.audio_duration_seconds === undefined
      ? []
      : [attribute('aisix.audio.duration_seconds', { doubleValue: event.audio_duration_seconds })]),
    text('aisix.exporter_name', EXPORTER_NAME),
    text('aisix.request_id', event.request_id),
    ...optionalInt('aisix.upstream_ttft_ms', event.upstream_ttft_ms),
    ...optionalInt('aisix.downstream_latency_ms', event.downstream_latency_ms),
    int('aisix.attempt_index', event.attempt_index),
    ...optionalText('aisix.attempt_kind', event.attempt_kind),
    ...optionalText('aisix.attempt_model', event.attempt_model),
    ...optionalText('aisix.error_class', event.error_class),
    ...optionalText('aisix.error_message', event.error_message),
    ...optionalText('aisix.client_source_ip', event.client_source_ip),
    ...optionalText('aisix.client_user_agent', event.client_user_agent),
    ...optionalText('aisix.client_identity', event.client_identity),
    ...optionalText('aisix.jwt_subject', event.jwt_subject),
    ...optionalText('aisix.jwt_provider', event.jwt_provider),
    ...optionalText('aisix.jwt_claim_mapping', event.jwt_claim_mapping),
    ...optionalText('gen_ai.agent.name', event.a2a_agent_name),
    ...optionalText('gen_ai.conversation.id', event.a2a_context_id),
    ...optionalText('aisix.a2a.method', event.a2a_method),
    ...optionalText('aisix.a2a.operation', event.a2a_operation),
    ...optionalText('aisix.a2a.protocol_version', event.a2a_protocol_version),
    ...optionalText('aisix.a2a.task_id', event.a2a_task_id),
    ...optionalText('aisix.a2a.task_state', event.a2a_task_state),
    ...optionalInt('aisix.a2a.stream_event_count', event.a2a_stream_event_count),
    ...optionalText('gen_ai.tool.name', event.mcp_tool_name),
    ...optionalText('aisix.mcp.server_name', event.mcp_server_name),
    ...optionalText('aisix.passthrough.route_name', event.passthrough_route_name),
  ];
}

const attribute = (key: string, value: OtlpValue): OtlpAttribute => ({ key, value });
const text = (key: string, value: string) => attribute(key, { stringValue: value });
const int = (key: string, value: number) => attribute(key, { intValue: String(value) });
const optionalText = (key: string, value: string | undefined) =>
  value === undefined || value === '' ? [] : [text(key, value)];
const optionalInt = (key: string, value: number | undefined) =>
  value === undefined || value === 0 ? [] : [int(key, value)];
