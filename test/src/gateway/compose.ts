import type { Outcome } from '@aisix-observability/evidence';
import { wholeSeconds } from '../recordings/shiftTimes.ts';
import type { OtlpSpan, UsageEvent } from '../recordings/wire.ts';
import { CLIENT, otlpSpan, type RemoteParent, SERVER } from './otlpSpan.ts';
import { type CallFields, type UsageFields, usageEvent } from './usageEvent.ts';

/** One record of the data plane's exporters: what goes into every sink at one moment. */
export interface UsageRecord {
  /** Epoch milliseconds at which the gateway emitted it. */
  readonly at: number;
  readonly event: UsageEvent;
  /** The spans that travel with it to the `otlp_http` exporter. */
  readonly spans: readonly OtlpSpan[];
}

/** What really happened to one attempt. */
export interface AttemptTruth {
  readonly index: number;
  readonly kind: 'initial' | 'retry' | 'fallback' | 'panel' | 'judge';
  readonly model?: string;
  readonly status: number;
  readonly start: number;
  readonly end: number;
}

/** What really happened to one request: the answer key for everything that is derived from its records. */
export interface RequestTruth {
  readonly scenario: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly status: number;
  readonly outcome: Outcome;
  readonly requestedModel?: string;
  readonly servedModel?: string;
  readonly apiKeyId?: string;
  readonly stream: boolean;
  /** Epoch milliseconds with fractions. */
  readonly start: number;
  readonly end: number;
  readonly parentSpanId?: string;
  readonly attempts: readonly AttemptTruth[];
}

export interface SimulatedRequest {
  readonly truth: RequestTruth;
  /** In order of emission. */
  readonly records: readonly UsageRecord[];
}

export interface AttemptPlan {
  /** Epoch milliseconds with fractions. */
  readonly start: number;
  readonly end: number;
  /** `status_code`, `attempt_kind`, model, tokens, error, …; index and latency are filled in. */
  readonly fields: UsageFields;
}

export interface RequestPlan {
  readonly scenario: string;
  readonly start: number;
  readonly end: number;
  readonly outcome: Outcome;
  readonly servedModel?: string | undefined;
  readonly stream?: boolean;
  readonly remoteParent?: RemoteParent | undefined;
  /** Fields of every event of the request. */
  readonly common: CallFields & { readonly request_id: string; readonly trace_id: string };
  /** In order; the last one is the terminal event unless there is a `closing` one. */
  readonly attempts: readonly AttemptPlan[];
  /** An event that ends the request and describes no attempt. Its latency is as given (the handler's, or 0). */
  readonly closing?: UsageFields;
  /** Endpoints that try once have no attempt span: the logical span carries the event, or the SERVER on failure. */
  readonly tracked: boolean;
  /** When dispatch returned and the failed attempts were emitted; the end of the request for non-streams. */
  readonly dispatchedAt?: number | undefined;
}

/**
 * Turns a plan into what the gateway emits. Failed attempts leave together when dispatch returns, each in a record of
 * its own; the terminal event leaves at the end and takes the SERVER and logical spans with it.
 */
export function compose(plan: RequestPlan, newSpanId: () => string): SimulatedRequest {
  const server = newSpanId();
  const logical = newSpanId();
  const last = plan.closing === undefined ? plan.attempts.length - 1 : -1;
  const emitFailed = plan.dispatchedAt ?? plan.end;

  const records = plan.attempts.map((attempt, index): UsageRecord => {
    const terminal = index === last;
    const at = terminal ? plan.end : emitFailed;
    const event = usageEvent({
      ...plan.common,
      occurred_at: wholeSeconds(at),
      upstream_latency_ms: Math.floor(attempt.end - attempt.start),
      ...attempt.fields,
      attempt_index: attempt.fields.attempt_index ?? index,
    });
    const frame = { spanId: newSpanId(), parentSpanId: logical, start: attempt.start, end: attempt.end };
    const own = plan.tracked ? [otlpSpan(event, CLIENT, frame, true)] : [];
    return { at, event, spans: terminal ? [...framing(plan, event, server, logical), ...own] : own };
  });

  if (plan.closing !== undefined) {
    const event = usageEvent({ ...plan.common, ...plan.closing, occurred_at: wholeSeconds(plan.end) });
    records.push({ at: plan.end, event, spans: framing(plan, event, server, logical) });
  }
  records.sort((a, b) => a.at - b.at);
  return { truth: truthOf(plan, records.at(-1)?.event), records };
}

/** The SERVER span, and the logical one where anything was called upstream. */
function framing(plan: RequestPlan, event: UsageEvent, server: string, logical: string): OtlpSpan[] {
  const frame = { spanId: server, remoteParent: plan.remoteParent, start: plan.start, end: plan.end };
  const first = plan.attempts[0];
  if (first === undefined) return [otlpSpan(event, SERVER, frame, true)];
  const end = Math.max(...plan.attempts.map((attempt) => attempt.end));
  const inner = { spanId: logical, parentSpanId: server, start: first.start, end };
  const failed = event.status_code < 200 || event.status_code >= 300;
  if (!plan.tracked && failed) return [otlpSpan(event, SERVER, frame, true)];
  return [otlpSpan(event, SERVER, frame, plan.closing !== undefined), otlpSpan(event, CLIENT, inner, !plan.tracked)];
}

function truthOf(plan: RequestPlan, terminal: UsageEvent | undefined): RequestTruth {
  const { request_id, trace_id, requested_model, api_key_id } = plan.common;
  return {
    scenario: plan.scenario,
    requestId: request_id,
    traceId: trace_id,
    status: terminal?.status_code ?? 0,
    outcome: plan.outcome,
    ...(requested_model !== undefined && { requestedModel: requested_model }),
    ...(plan.servedModel !== undefined && { servedModel: plan.servedModel }),
    ...(api_key_id !== undefined && api_key_id !== '' && { apiKeyId: api_key_id }),
    stream: plan.stream ?? false,
    start: plan.start,
    end: plan.end,
    ...(plan.remoteParent !== undefined && { parentSpanId: plan.remoteParent.spanId }),
    attempts: plan.attempts.map(({ start, end, fields }, index) => {
      const model = fields.attempt_model ?? requested_model;
      return {
        index: fields.attempt_index ?? index,
        kind: (fields.attempt_kind ?? 'initial') as AttemptTruth['kind'],
        ...(model !== undefined && { model }),
        status: fields.status_code ?? 0,
        start,
        end,
      };
    }),
  };
}
