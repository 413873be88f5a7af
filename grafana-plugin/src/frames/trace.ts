import { createDataFrame, type DataFrame, FieldType, type TraceKeyValuePair } from '@grafana/data';
import type { Attempt, GatewayRequest } from '../api/contract';
import { labelsOf } from './labels';
import { LEVEL_OF, OUTCOME_WORDS } from './outcomes';

/** Status codes of OpenTelemetry. */
const STATUS = { unset: 0, ok: 1, error: 2 } as const;

interface Span {
  readonly spanID: string;
  readonly parentSpanID?: string;
  readonly operationName: string;
  readonly kind: 'server' | 'client';
  readonly outcome: GatewayRequest['outcome'];
  readonly message?: string | undefined;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly durationMs: number;
  readonly tags: TraceKeyValuePair[];
}

const SERVICE = 'aisix';

/**
 * One request with its attempts as a trace that Grafana draws. It is made of what the evidence store knows; the ids of
 * its spans are its own and not those of spans that were exported.
 */
export function traceFrame(request: GatewayRequest, refId: string, environmentName: (id: string) => string): DataFrame {
  const spans = [requestSpan(request, environmentName), ...request.attempts.map(attemptSpan)];
  const column = <T>(name: string, type: FieldType, read: (span: Span) => T) => ({
    name,
    type,
    values: spans.map(read),
  });
  const service: TraceKeyValuePair[] = [
    { key: 'environment', value: environmentName(request.environment) },
    ...(request.dataPlane === undefined ? [] : [{ key: 'dataPlane', value: request.dataPlane }]),
  ];
  return createDataFrame({
    refId,
    name: 'trace',
    meta: { preferredVisualisationType: 'trace' },
    fields: [
      column('traceID', FieldType.string, () => request.traceId ?? request.requestId),
      column('spanID', FieldType.string, ({ spanID }) => spanID),
      column('parentSpanID', FieldType.string, ({ parentSpanID }) => parentSpanID ?? null),
      column('operationName', FieldType.string, ({ operationName }) => operationName),
      column('serviceName', FieldType.string, () => SERVICE),
      column('kind', FieldType.string, ({ kind }) => kind),
      column('statusCode', FieldType.number, ({ outcome }) =>
        LEVEL_OF[outcome] === 'error' ? STATUS.error : outcome === 'success' ? STATUS.ok : STATUS.unset,
      ),
      column('statusMessage', FieldType.string, ({ message }) => message ?? null),
      column('serviceTags', FieldType.other, () => service),
      column('startTime', FieldType.number, ({ startTime }) => startTime),
      column('duration', FieldType.number, ({ durationMs }) => durationMs),
      column('logs', FieldType.other, () => []),
      column('references', FieldType.other, () => []),
      column('tags', FieldType.other, ({ tags }) => tags),
    ],
  });
}

function requestSpan(request: GatewayRequest, environmentName: (id: string) => string): Span {
  const { operation, requestedModel, outcome, startTime, durationMs, errorMessage } = request;
  return {
    spanID: 'request',
    operationName: [operation ?? 'request', requestedModel].filter((part) => part !== undefined).join(' '),
    kind: 'server',
    outcome,
    message: messageOf(outcome, errorMessage),
    startTime,
    durationMs,
    tags: tagsOf(labelsOf(request, environmentName)),
  };
}

function attemptSpan(attempt: Attempt, at: number): Span {
  const { index, kind, model, outcome, startTime, durationMs, errorMessage } = attempt;
  return {
    // Numbers of attempts come from outside and may repeat; places do not.
    spanID: `attempt-${at}`,
    parentSpanID: 'request',
    operationName: [`${kind} ${index}`, model].filter((part) => part !== undefined).join(' '),
    kind: 'client',
    outcome,
    message: messageOf(outcome, errorMessage),
    startTime,
    durationMs,
    tags: tagsOf({
      'attempt.kind': kind,
      'attempt.outcome': outcome,
      'attempt.status': attempt.status,
      'attempt.model': model,
      'attempt.modelId': attempt.modelId,
      'attempt.provider': attempt.provider,
      'attempt.providerKeyLabel': attempt.providerKeyLabel,
      'attempt.errorClass': attempt.errorClass,
      'attempt.finishReason': attempt.finishReason,
      'attempt.responseModel': attempt.responseModel,
      'attempt.responseId': attempt.responseId,
      ttftMs: attempt.ttftMs,
      dispatched: attempt.dispatched,
    }),
  };
}

const messageOf = (outcome: GatewayRequest['outcome'], message: string | undefined) =>
  outcome === 'success' ? undefined : (message ?? OUTCOME_WORDS[outcome]);

const tagsOf = (facts: Readonly<Record<string, unknown>>): TraceKeyValuePair[] =>
  Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
