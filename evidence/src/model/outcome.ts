/**
 * What became of a request or of one attempt: a closed set that unites the gateway's two error vocabularies
 * (labels of attempts, and kinds of refusals before any attempt).
 */
export const OUTCOMES = [
  'success',
  'client_closed',
  'caller_auth',
  'forbidden',
  'not_found',
  'invalid_request',
  'budget',
  'rate_limited',
  'guardrail_blocked',
  'provider_timeout',
  'provider_error',
  'provider_auth',
  'gateway_config',
  'routing_exhausted',
  'unknown',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** The facts of one usage event that decide its outcome. */
export interface OutcomeFacts {
  /** HTTP status of the event; absent when the feed that carried it has none. */
  readonly status?: number | undefined;
  /** `error_class` as the gateway wrote it. */
  readonly errorClass?: string | undefined;
  readonly guardrailBlocked?: boolean | undefined;
}

/** Words with which the gateway says that an answer came from the provider. */
const UPSTREAM_ANSWERED = new Set(['upstream_status', 'upstream_in_band', 'upstream_error', 'upstream_in_band_error']);

const BY_ERROR_CLASS: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['timeout', 'provider_timeout'],
  ['stream_aborted', 'provider_error'],
  ['config', 'gateway_config'],
  ['config_error', 'gateway_config'],
  ['invalid_config', 'gateway_config'],
  ['invalid_credentials', 'gateway_config'],
  ['authentication_error', 'gateway_config'],
  ['all_candidates_unavailable', 'routing_exhausted'],
  ['provider_unavailable', 'routing_exhausted'],
  ['billing_error', 'budget'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['invalid_api_key', 'caller_auth'],
  ['permission_denied', 'forbidden'],
  ['model_not_found', 'not_found'],
  ['video_not_found', 'not_found'],
  ['invalid_request_error', 'invalid_request'],
  ['websocket_upgrade_required', 'invalid_request'],
]);

/**
 * The outcome of one event; the first rule that matches decides (design §4).
 *
 * A provider's 401 or 403 is the provider refusing the gateway's key, so it is never the caller's fault.
 */
export function outcomeOf({ status, errorClass, guardrailBlocked }: OutcomeFacts): Outcome {
  const label = errorClass === '' ? undefined : errorClass;
  if (status === 499) return 'client_closed';
  if (guardrailBlocked === true || label === 'content_filter' || (status === 422 && label === undefined)) {
    return 'guardrail_blocked';
  }
  if (label !== undefined) {
    if (UPSTREAM_ANSWERED.has(label)) return status === 401 || status === 403 ? 'provider_auth' : 'provider_error';
    const known = BY_ERROR_CLASS.get(label);
    if (known !== undefined) return known;
    if (label.startsWith('transport') || label.startsWith('upstream_decode')) return 'provider_error';
    return 'unknown';
  }
  if (status === 429) return 'rate_limited';
  if (status !== undefined && status >= 200 && status < 300) return 'success';
  return 'unknown';
}

/** How loudly an outcome is shown: what a log row or a marker is coloured by. */
export type OutcomeSeverity = 'info' | 'warning' | 'error';

/** Refusals are the gateway doing its work (`warning`); the rest of the failures need somebody (`error`). */
export function severityOf(outcome: Outcome): OutcomeSeverity {
  switch (outcome) {
    case 'success':
    case 'client_closed':
      return 'info';
    case 'caller_auth':
    case 'forbidden':
    case 'not_found':
    case 'invalid_request':
    case 'budget':
    case 'rate_limited':
    case 'guardrail_blocked':
      return 'warning';
    case 'provider_timeout':
    case 'provider_error':
    case 'provider_auth':
    case 'gateway_config':
    case 'routing_exhausted':
    case 'unknown':
      return 'error';
  }
}
