import type { Outcome } from '../api/contract';

/** Grafana's names of log levels, by which rows and bars are coloured. */
export type Level = 'info' | 'warning' | 'error';

/** As the server counts `error_ratio`: refusals are the gateway doing its work, the rest of the failures need somebody. */
export const LEVEL_OF: Readonly<Record<Outcome, Level>> = {
  success: 'info',
  client_closed: 'info',
  caller_auth: 'warning',
  forbidden: 'warning',
  not_found: 'warning',
  invalid_request: 'warning',
  budget: 'warning',
  rate_limited: 'warning',
  guardrail_blocked: 'warning',
  provider_timeout: 'error',
  provider_error: 'error',
  provider_auth: 'error',
  gateway_config: 'error',
  routing_exhausted: 'error',
  unknown: 'error',
};

/** What a person reads of an outcome. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  success: 'answered',
  client_closed: 'client closed the connection',
  caller_auth: 'refused: caller key not accepted',
  forbidden: 'refused: caller may not use it',
  not_found: 'refused: not found',
  invalid_request: 'refused: invalid request',
  budget: 'refused: budget used up',
  rate_limited: 'refused: rate limited',
  guardrail_blocked: 'blocked by a guardrail',
  provider_timeout: 'timeout',
  provider_error: 'provider error',
  provider_auth: 'provider refused the key',
  gateway_config: 'gateway not set up for it',
  routing_exhausted: 'no target left',
  unknown: 'failed',
};

export const OUTCOMES = Object.keys(LEVEL_OF) as Outcome[];

/** Of a label, which is any text. */
export const levelOfLabel = (outcome: string | undefined): Level =>
  OUTCOMES.find((known) => known === outcome) === undefined ? 'error' : LEVEL_OF[outcome as Outcome];
