import type { GatewayRequest } from '@aisix-observability/evidence';
import { isResend } from './attemptAttributes.ts';
import { exportedTraceId } from './ids.ts';
import { hasFailed } from './status.ts';

export interface SamplingSettings {
  /** Share of ordinary requests that is kept, 0 to 1. */
  readonly ratio: number;
  /** A request that lasted at least this long is kept; absent: duration decides nothing. */
  readonly slowMillis?: number;
}

/** Why a request is kept, in the order in which the rules are asked. */
export const SAMPLE_REASONS = ['corrected', 'blocked', 'error', 'retried', 'slow', 'ratio'] as const;
export type SampleReason = (typeof SAMPLE_REASONS)[number];

export type SampleDecision =
  | { readonly keep: true; readonly reason: SampleReason }
  | { readonly keep: false; readonly reason: 'sampled_out' };

export type Sampler = (request: GatewayRequest) => SampleDecision;

const SAMPLED_OUT: SampleDecision = { keep: false, reason: 'sampled_out' };
const KEPT = Object.fromEntries(SAMPLE_REASONS.map((reason) => [reason, { keep: true, reason }])) as {
  readonly [Reason in SampleReason]: SampleDecision;
};

/**
 * Decides which requests a destination gets. Errors, retries, fallbacks, failed members of a panel, blocked
 * and slow requests always; the rest by
 * the randomness that trace ids carry, so replicas agree, all requests of one trace share their fate, and other
 * components that sample by OpenTelemetry's consistent rule (keep when the last 56 bits are not below the threshold)
 * keep the same traces.
 *
 * Stateless, and still right for corrections: an earlier version may have been kept as a failure that has become a
 * success, and must then be overwritten; or it was left out and has become a failure. So every revision above 0 is
 * kept, and since each revision is exported as a whole tree, nothing of it is missing.
 *
 * @throws RangeError when the ratio is not between 0 and 1.
 */
export function createSampler({ ratio, slowMillis = Number.POSITIVE_INFINITY }: SamplingSettings): Sampler {
  if (!(ratio >= 0 && ratio <= 1)) throw new RangeError(`sampling.ratio must be between 0 and 1, not ${ratio}`);
  const threshold = (1 - ratio) * RANDOM_VALUES;
  return (request) => {
    if (request.revision > 0) return KEPT.corrected;
    if (request.outcome === 'guardrail_blocked') return KEPT.blocked;
    if (request.outcome !== 'success' && request.outcome !== 'client_closed') return KEPT.error;
    if (request.attempts.some((attempt) => isResend(attempt) || hasFailed(attempt))) return KEPT.retried;
    if (request.durationMs >= slowMillis) return KEPT.slow;
    return randomness(exportedTraceId(request, 'inherit')) >= threshold ? KEPT.ratio : SAMPLED_OUT;
  };
}

/** Of the 56 random bits the first 52 are read: a double counts them exactly. */
const RANDOM_DIGITS = 13;
const RANDOM_VALUES = 16 ** RANDOM_DIGITS;

function randomness(traceId: string): number {
  return Number.parseInt(traceId.slice(-14, -1), 16);
}
