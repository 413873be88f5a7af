import type { Attempt, GatewayRequest, Outcome } from '@aisix-observability/evidence';
import { SpanStatusCode } from '@opentelemetry/api';

interface Ended {
  readonly status?: number;
  readonly outcome: Outcome;
  readonly errorClass?: string;
}

/**
 * Whether something failed. A caller that left is no failure of anybody (the HTTP convention says so of cancellation);
 * where nothing is known but a status, the status decides.
 */
export function hasFailed({ outcome, status }: Ended): boolean {
  if (outcome === 'success' || outcome === 'client_closed') return false;
  return outcome !== 'unknown' || (status !== undefined && status >= 400);
}

/**
 * `error.type` of a failure: the gateway's class, else the status, else the outcome (an answer of 200 that a guardrail
 * stopped has neither). Undefined when nothing failed.
 */
export function errorType(ended: Ended): string | undefined {
  if (!hasFailed(ended)) return undefined;
  if (ended.errorClass !== undefined && ended.errorClass !== '') return ended.errorClass;
  return ended.status !== undefined && ended.status >= 400 ? String(ended.status) : ended.outcome;
}

/**
 * Status of the SERVER span by the HTTP convention: 5xx is the server's error, 4xx must be left unset.
 */
export function serverStatusCode(request: GatewayRequest): SpanStatusCode {
  return request.status !== undefined && request.status >= 500 && hasFailed(request)
    ? SpanStatusCode.ERROR
    : SpanStatusCode.UNSET;
}

/**
 * Status of a CLIENT span (the logical one or an attempt): every failure, 4xx too. Success is left unset, because
 * instrumentation should not set `Ok`; an attempt that failed and was made up for does not mark its parents.
 */
export function clientStatusCode(ended: GatewayRequest | Attempt): SpanStatusCode {
  return hasFailed(ended) ? SpanStatusCode.ERROR : SpanStatusCode.UNSET;
}
