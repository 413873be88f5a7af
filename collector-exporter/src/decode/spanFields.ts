import type { SpanReport } from '../report.ts';
import {
  amount,
  attemptKind,
  callerText,
  count,
  errorMessage,
  id,
  label,
  type ReadField,
  statusCode,
  userAgent,
  wordOfList,
} from './fields.ts';
import type { Tally } from './tally.ts';

/** A report while it is put together. */
export type OpenSpanReport = { -readonly [Field in keyof SpanReport]: SpanReport[Field] };

/** Takes one attribute into the report; null for those that are read apart or say nothing about a request. */
export type TakeSpanField = ((report: OpenSpanReport, value: unknown, name: string, tally: Tally) => void) | null;

function take<T>(read: ReadField<T>, put: (report: OpenSpanReport, taken: T) => void): NonNullable<TakeSpanField> {
  return (report, value, name, tally) => {
    const taken = read(value, name, tally);
    if (taken !== undefined) put(report, taken);
  };
}

const TABLE = {
  'http.response.status_code': take(statusCode, (report, taken) => {
    report.statusCode = taken;
  }),
  // Later gateways say the operation exactly, in the words of the usage event; the GenAI name is always `chat`.
  'aisix.operation': take(label, (report, taken) => {
    report.operation = taken;
  }),
  'gen_ai.operation.name': take(label, (report, taken) => {
    report.operation ??= taken;
  }),
  'gen_ai.request.model': take(callerText, (report, taken) => {
    report.requestedModel = taken;
  }),
  // Of later gateways; the gateway's own name says nothing of who answered.
  'gen_ai.provider.name': take(label, (report, taken) => {
    if (taken !== 'aisix') report.provider = taken;
  }),
  'gen_ai.response.model': take(label, (report, taken) => {
    report.providerModelVersion = taken;
  }),
  'gen_ai.response.id': take(label, (report, taken) => {
    report.providerRequestId = taken;
  }),
  'gen_ai.response.finish_reasons': take(wordOfList, (report, taken) => {
    report.finishReason = taken;
  }),
  'gen_ai.usage.input_tokens': take(count, (report, taken) => {
    report.promptTokens = taken;
  }),
  'gen_ai.usage.output_tokens': take(count, (report, taken) => {
    report.completionTokens = taken;
  }),
  'aisix.api_key_id': take(id, (report, taken) => {
    report.apiKeyId = taken;
  }),
  'aisix.model_id': take(id, (report, taken) => {
    report.modelId = taken;
  }),
  'aisix.audio.duration_seconds': take(amount, (report, taken) => {
    report.audioDurationSeconds = taken;
  }),
  'aisix.upstream_ttft_ms': take(count, (report, taken) => {
    report.upstreamTtftMs = taken;
  }),
  'aisix.downstream_latency_ms': take(count, (report, taken) => {
    report.downstreamLatencyMs = taken;
  }),
  'aisix.attempt_kind': take(attemptKind, (report, taken) => {
    report.attemptKind = taken;
  }),
  'aisix.attempt_model': take(label, (report, taken) => {
    report.attemptModel = taken;
  }),
  'aisix.error_class': take(label, (report, taken) => {
    report.errorClass = taken;
  }),
  'aisix.error_message': take(errorMessage, (report, taken) => {
    report.errorMessage = taken;
  }),
  'aisix.client_source_ip': take(label, (report, taken) => {
    report.clientAddress = taken;
  }),
  'aisix.client_user_agent': take(userAgent, (report, taken) => {
    report.clientUserAgent = taken;
  }),
  'aisix.client_identity': take(callerText, (report, taken) => {
    report.clientIdentity = taken;
  }),
  'aisix.jwt_subject': take(callerText, (report, taken) => {
    report.jwtSubject = taken;
  }),
  'aisix.jwt_provider': take(label, (report, taken) => {
    report.jwtProvider = taken;
  }),
  'aisix.jwt_claim_mapping': take(label, (report, taken) => {
    report.jwtClaimMapping = taken;
  }),
  'gen_ai.agent.name': take(label, (report, taken) => {
    report.a2aAgent = taken;
  }),
  'gen_ai.conversation.id': take(callerText, (report, taken) => {
    report.a2aContextId = taken;
  }),
  'aisix.a2a.method': take(callerText, (report, taken) => {
    report.a2aMethod = taken;
  }),
  'aisix.a2a.operation': take(label, (report, taken) => {
    report.a2aOperation = taken;
  }),
  'aisix.a2a.protocol_version': take(label, (report, taken) => {
    report.a2aProtocolVersion = taken;
  }),
  'aisix.a2a.task_id': take(callerText, (report, taken) => {
    report.a2aTaskId = taken;
  }),
  'aisix.a2a.task_state': take(label, (report, taken) => {
    report.a2aTaskState = taken;
  }),
  'aisix.a2a.stream_event_count': take(count, (report, taken) => {
    report.a2aStreamEventCount = taken;
  }),
  'gen_ai.tool.name': take(callerText, (report, taken) => {
    report.mcpTool = taken;
  }),
  'aisix.mcp.server_name': take(label, (report, taken) => {
    report.mcpServer = taken;
  }),
  'aisix.passthrough.route_name': take(label, (report, taken) => {
    report.passthroughRoute = taken;
  }),
} satisfies Readonly<Record<string, TakeSpanField>>;

/** The two identities are read first; the rest says the same on every span (`aisix`, the exporter's name). */
const READ_APART = [
  'aisix.request_id',
  'aisix.attempt_index',
  'gen_ai.system',
  'aisix.exporter_name',
  'aisix.content_truncated',
] as const;

export const SPAN_FIELDS: ReadonlyMap<string, TakeSpanField> = new Map<string, TakeSpanField>([
  ...Object.entries(TABLE),
  ...READ_APART.map((name) => [name, null] as const),
]);
