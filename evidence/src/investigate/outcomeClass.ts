import type { Outcome } from '../model/outcome.ts';

/** Whose doing it was that a request ended as it did; every request has exactly one. */
export const OUTCOME_CLASSES = {
  served: 'it was answered; attempts may have failed before, which the evidence names',
  caller: 'the caller: an unknown key, a model that does not exist, or a request that the gateway cannot read',
  policy: 'a rule did its work: permission, rate limit, budget or guardrail',
  gateway_configuration: 'the configuration in force could not serve it, and nothing reached a provider',
  routing_exhausted: 'the gateway had no target left to try',
  provider: 'the provider failed or refused, and the path through the gateway up to it is proven to work',
  provider_refused_key: "the provider refused the gateway's own key: never the caller's fault",
  client_left: 'the caller went away before the answer was complete',
  projection_failure:
    'the data plane did not serve what was saved: the record or its state shows another model, key or document than the one wanted',
  unknown: 'the record does not say',
} as const;

export type OutcomeClass = keyof typeof OUTCOME_CLASSES;

/** What an outcome means where the configuration says nothing else. */
const CLASS_OF_OUTCOME: Readonly<Record<Outcome, OutcomeClass>> = {
  success: 'served',
  client_closed: 'client_left',
  caller_auth: 'caller',
  not_found: 'caller',
  invalid_request: 'caller',
  forbidden: 'policy',
  budget: 'policy',
  rate_limited: 'policy',
  guardrail_blocked: 'policy',
  provider_timeout: 'provider',
  provider_error: 'provider',
  provider_auth: 'provider_refused_key',
  gateway_config: 'gateway_configuration',
  routing_exhausted: 'routing_exhausted',
  unknown: 'unknown',
};

/** The class of an outcome by itself. */
export function classOfOutcome(outcome: Outcome): OutcomeClass {
  return CLASS_OF_OUTCOME[outcome];
}
