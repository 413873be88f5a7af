import type { GatewayRequest, Outcome } from '@aisix-observability/evidence';

/** What a destination gets at all; an absent list lets everything through. */
export interface FilterSettings {
  /** Environment ids. */
  readonly environments?: readonly string[];
  readonly outcomes?: readonly (Outcome | (string & {}))[];
  /** Requests with fewer attempts are left out: 2 keeps those that were tried again and ensembles. */
  readonly minAttempts?: number;
}

/** Why a request is not for a destination. */
export const FILTER_REASONS = ['other_environment', 'other_outcome', 'few_attempts'] as const;
export type FilterReason = (typeof FILTER_REASONS)[number];

/**
 * The reason to leave a request out, or undefined when it may pass. Strict for corrections too: a list of outcomes may
 * be there to keep something from a destination, so a success that was a failure before does not slip through.
 */
export type RequestFilter = (request: GatewayRequest) => FilterReason | undefined;

export function createFilter({ environments, outcomes, minAttempts = 0 }: FilterSettings): RequestFilter {
  const allowedEnvironments = environments && new Set(environments);
  const allowedOutcomes = outcomes && new Set<string>(outcomes);
  return (request) => {
    if (allowedEnvironments?.has(request.environment) === false) return 'other_environment';
    if (allowedOutcomes?.has(request.outcome) === false) return 'other_outcome';
    return request.attempts.length < minAttempts ? 'few_attempts' : undefined;
  };
}
