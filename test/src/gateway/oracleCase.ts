import type { Outcome } from '@aisix-observability/evidence';
import type { OtlpTraces, UsageEvent } from '../recordings/wire.ts';
import { type AttemptPlan, compose, type RequestPlan, type SimulatedRequest } from './compose.ts';
import { otlpTraces } from './otlpSpan.ts';
import type { CallFields, UsageFields } from './usageEvent.ts';

/** One transport unit: a batch of usage events, or one OTLP post. */
export type OracleDelivery =
  | { readonly receivedAt: number; readonly events: readonly UsageEvent[] }
  | { readonly receivedAt: number; readonly traces: OtlpTraces };

export interface ExpectedAttempt {
  readonly index: number;
  readonly kind: 'initial' | 'retry' | 'fallback' | 'panel' | 'judge';
  readonly status: number;
  readonly outcome: Outcome;
  /** Display name, where the events say it. */
  readonly model?: string;
}

/** A key that is absent must be absent in the request too. */
export interface ExpectedRequest {
  readonly requestId: string;
  readonly traceId: string;
  readonly status?: number;
  readonly outcome: Outcome;
  readonly requestedModel?: string;
  readonly servedModel?: string;
  /** After normalisation; sums over an ensemble's sub-calls. */
  readonly tokens?: { readonly input: number; readonly output: number };
  readonly attempts: readonly ExpectedAttempt[];
}

/** A case with a known answer: deliveries in order of arrival, and the requests that must come out of them. */
export interface Oracle {
  readonly name: string;
  /** Usage events only. */
  readonly deliveries: readonly OracleDelivery[];
  /** The same requests as the data plane's own spans would tell them, where the recordings show how. */
  readonly spanDeliveries?: readonly OracleDelivery[];
  readonly expected: { readonly requests: readonly ExpectedRequest[] };
}

export const START = Date.parse('2026-08-22T12:00:00.000Z');
const API_KEY = '9f0d7c6e-52e1-4a70-8b1f-0c9a5de0a001';
export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
export const PRIMARY = 'd3171968-1190-4a35-b7cb-000000000001';
export const SECONDARY = 'd3171968-1190-4a35-b7cb-000000000002';
export const GROUP = 'd3171968-1190-4a35-b7cb-00000000000f';

type Shape = Partial<Omit<RequestPlan, 'common' | 'outcome'>> & {
  readonly outcome: Outcome;
  readonly id: string;
  readonly trace?: string;
  readonly common?: CallFields;
};

/** A request of the oracles: starts at START and lasts 1113 ms unless the shape says otherwise. */
export function request({ id, trace = TRACE, common, ...shape }: Shape): SimulatedRequest {
  let spans = 0;
  const plan: RequestPlan = {
    scenario: id,
    start: START,
    end: START + 1113,
    attempts: [],
    tracked: true,
    ...shape,
    common: {
      request_id: id,
      trace_id: trace,
      api_key_id: API_KEY,
      inbound_protocol: 'openai',
      client_source_ip: '203.0.113.7',
      client_user_agent: 'openai-python/1.99',
      ...common,
    },
  };
  // Span ids differ between requests of one trace, and are the same in every run.
  const seed = [...`${id}${trace}`].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
  return compose(plan, () => (BigInt(seed) * 65_536n + BigInt(++spans)).toString(16).padStart(16, '0'));
}

export const attempt = (from: number, to: number, fields: UsageFields): AttemptPlan => ({
  start: START + from,
  end: START + to,
  fields,
});

export const failed = (from: number, to: number, fields: UsageFields): AttemptPlan =>
  attempt(from, to, {
    status_code: 502,
    attempt_kind: 'initial',
    error_class: 'upstream_status',
    error_message: 'upstream returned HTTP 502: primary down',
    ...fields,
  });

export const answered = (from: number, to: number, fields: UsageFields): AttemptPlan =>
  attempt(from, to, {
    status_code: 200,
    attempt_kind: 'initial',
    prompt_tokens: 3,
    completion_tokens: 4,
    provider_request_id: 'cmpl-2',
    provider_model_version: 'gpt-4o-mini',
    finish_reason: 'stop',
    cache_status: 'disabled',
    ...fields,
  });

export const SMART: CallFields = { requested_model: 'smart' };
export const ON_PRIMARY: UsageFields = { model_id: PRIMARY, attempt_model: 'primary' };
export const ON_SECONDARY: UsageFields = { model_id: SECONDARY, attempt_model: 'secondary', attempt_kind: 'fallback' };

export const SECOND = 1000;
/** Milliseconds between emission and arrival, at most one flush. */
const FLUSH = 900;

/** All events of the requests in one delivery. */
export function oneBatch(...requests: readonly SimulatedRequest[]): OracleDelivery[] {
  const records = requests.flatMap((r) => r.records).sort((a, b) => a.at - b.at);
  return [{ receivedAt: (records.at(-1)?.at ?? START) + FLUSH, events: records.map((r) => r.event) }];
}

/** Each emission in a delivery of its own. */
export function eachAlone(requests: readonly SimulatedRequest[], as: 'usage' | 'span'): OracleDelivery[] {
  return requests
    .flatMap((r) => r.records)
    .sort((a, b) => a.at - b.at)
    .filter((record) => as === 'usage' || record.spans.length > 0)
    .map(({ at, event, spans }) =>
      as === 'usage'
        ? { receivedAt: at + FLUSH, events: [event] }
        : { receivedAt: at + FLUSH, traces: otlpTraces(spans) },
    );
}
