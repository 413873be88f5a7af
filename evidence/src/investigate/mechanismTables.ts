import type { Family } from './signatures.ts';

/** How much more (or less) of each sort of trouble a change can bring, 0 to 1; absent is nothing. */
export type Weights = Readonly<Partial<Record<Family, number>>>;

/** How a value moved. A limit that appears is a lower one. */
export type Direction = 'lower' | 'higher' | 'other';

export interface Rule {
  readonly path: RegExp;
  readonly weights: Weights;
  /** The direction in which it gets worse; absent where any change may go either way. */
  readonly worseWhen?: 'lower' | 'higher';
  /** What the other direction makes worse. */
  readonly otherwise?: Weights;
}

export const UPSTREAM: Weights = {
  provider_auth: 1,
  provider_status: 1,
  provider_refusal: 1,
  provider_limit: 0.6,
  provider_timeout: 1,
  transport: 1,
  decode: 1,
  gateway_config: 1,
  slow: 1,
};
export const CREDENTIAL: Weights = { provider_auth: 1, gateway_config: 1, provider_limit: 0.3 };
/** Another target fails in its own way. */
export const ROUTING: Weights = {
  routing: 1,
  target_mix: 1,
  slow: 1,
  invalid_request: 1,
  not_found: 1,
  gateway_config: 0.6,
  provider_auth: 0.6,
  provider_status: 0.6,
  provider_refusal: 0.6,
  provider_limit: 0.6,
  provider_timeout: 0.6,
  transport: 0.6,
  decode: 0.6,
};
/** Another target is the cheapest one. */
export const BY_PRICE: Weights = { target_mix: 1, slow: 0.6 };
/** Failures that were hidden before. */
const RETRYING: Weights = {
  routing: 1,
  target_mix: 0.6,
  slow: 0.6,
  provider_status: 1,
  provider_limit: 1,
  provider_timeout: 1,
  transport: 1,
  decode: 1,
};
export const GUARDED: Weights = { guardrail: 1, slow: 0.3 };
const ACCESS: Weights = { forbidden: 1, not_found: 0.3 };
export const CALLER_KEY: Weights = { vanished: 1, caller_auth: 1, forbidden: 0.3 };
export const LIMIT: Weights = { rate_limited: 1 };
export const NONE: Weights = {};
/** Whatever is served over another address. */
const REMOTE: Weights = { ...UPSTREAM, not_found: 1, caller_auth: 0.3, forbidden: 0.6, vanished: 0.6, other: 0.6 };

const LIMIT_RULE: Omit<Rule, 'path'> = { weights: LIMIT, worseWhen: 'lower' };

/** First match decides. Paths are JSON pointers. */
const MODEL_RULES: readonly Rule[] = [
  { path: /^\/display_name$/, weights: { not_found: 1, invalid_request: 0.6, routing: 0.6 } },
  {
    path: /^\/(timeout|stream_timeout)$/,
    weights: { provider_timeout: 1 },
    worseWhen: 'lower',
    otherwise: { slow: 0.3 },
  },
  { path: /^\/(provider|model_name|provider_key_id|adapter)$/, weights: UPSTREAM },
  { path: /^\/(routing\/)?(retries|max_fallbacks)$/, weights: RETRYING, worseWhen: 'lower', otherwise: { slow: 0.6 } },
  { path: /^\/routing\/(retry_on_429|fallback_on_statuses|when_all_unavailable)/, weights: RETRYING },
  { path: /^\/(routing|ensemble|semantic)(\/|$)/, weights: ROUTING },
  { path: /^\/cooldown(\/|$)/, weights: { ...RETRYING, routing: 1 } },
  { path: /^\/background_model_check(\/|$)/, weights: { routing: 1, target_mix: 1, slow: 0.6 } },
  { path: /^\/rate_limit(\/|$)/, ...LIMIT_RULE },
  { path: /^\/allowed_cidrs(\/|$)/, weights: ACCESS, worseWhen: 'lower' },
  { path: /^\/auto_prompt_caching(\/|$)/, weights: { slow: 0.6, provider_refusal: 0.6 } },
  { path: /^\/embedding(\/|$)/, weights: { provider_refusal: 1, invalid_request: 1 } },
  { path: /^\/enabled$/, weights: { not_found: 1, routing: 1 } },
  { path: /^\/cost(\/|$)/, weights: NONE },
];

export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  model: MODEL_RULES,
  provider_key: [
    { path: /^\/(secret|api_key)(\/|$)/, weights: CREDENTIAL },
    { path: /^\/(display_name|telemetry_tags)(\/|$)/, weights: NONE },
    { path: /^\/(api_base|provider|adapter|tls|request|response|strip_headers)(\/|$)/, weights: UPSTREAM },
  ],
  api_key: [
    { path: /^\/(display_name|user_name)$/, weights: NONE },
    { path: /^\/(allowed_models|allowed_agents|allowed_routes)(\/|$)/, weights: ACCESS, worseWhen: 'lower' },
    { path: /^\/mcp_access(\/|$)/, weights: { forbidden: 1, not_found: 0.6, other: 0.3 } },
    { path: /^\/(rate_limit|mcp_rate_limits)(\/|$)/, ...LIMIT_RULE },
    { path: /^\/(key_hash|disabled|expires_at|jwt_subject|jwt_provider)(\/|$)/, weights: CALLER_KEY },
    { path: /^\/(team_id|user_id)$/, weights: { rate_limited: 0.6, budget: 0.6, guardrail: 0.6, forbidden: 0.3 } },
  ],
  guardrail: [
    { path: /^\/(name|display_name)$/, weights: NONE },
    { path: /^\//, weights: GUARDED },
  ],
  guardrail_attachment: [{ path: /^\//, weights: GUARDED }],
  rate_limit_policy: [
    { path: /^\/name$/, weights: NONE },
    { path: /^\/(limits|max_requests|max_tokens)(\/|$)/, ...LIMIT_RULE },
    { path: /^\//, weights: LIMIT },
  ],
  budget: [
    { path: /^\/(name|display_name)$/, weights: NONE },
    { path: /^\/(amount|amount_usd|limit|limit_usd|max_budget)$/, weights: { budget: 1 }, worseWhen: 'lower' },
    { path: /^\//, weights: { budget: 1 } },
  ],
  cache_policy: [
    { path: /^\/name$/, weights: NONE },
    { path: /^\//, weights: { slow: 0.3, provider_limit: 0.3 } },
  ],
  mcp_server: [
    { path: /^\/(name|display_name)$/, weights: { not_found: 1, other: 0.3 } },
    { path: /^\//, weights: REMOTE },
  ],
  a2a_agent: [
    { path: /^\/(name|display_name)$/, weights: { not_found: 1, other: 0.3 } },
    { path: /^\//, weights: REMOTE },
  ],
  passthrough_route: [
    { path: /^\/(name|display_name)$/, weights: NONE },
    { path: /^\//, weights: REMOTE },
  ],
  mcp_policy: [{ path: /^\//, weights: { forbidden: 1, not_found: 0.6, other: 0.6 } }],
  mcp_auth_settings: [{ path: /^\//, weights: { caller_auth: 1, forbidden: 1, vanished: 1 } }],
  oidc_provider: [
    { path: /^\/name$/, weights: { caller_auth: 1, vanished: 1 } },
    { path: /^\//, weights: { caller_auth: 1, forbidden: 1, vanished: 1 } },
  ],
  claim_mapping: [{ path: /^\//, weights: { caller_auth: 1, forbidden: 1, vanished: 1 } }],
  team: [{ path: /^\//, weights: { rate_limited: 0.3, budget: 0.6, forbidden: 0.3 } }],
  member: [{ path: /^\//, weights: { forbidden: 0.3, vanished: 0.3 } }],
  environment: [{ path: /^\//, weights: { rate_limited: 0.3, budget: 0.3, forbidden: 0.3, vanished: 0.3 } }],
  model_pricing: [{ path: /^\//, weights: NONE }],
  observability_exporter: [{ path: /^\//, weights: NONE }],
  organization: [{ path: /^\//, weights: NONE }],
  admin_token: [{ path: /^\//, weights: NONE }],
  personal_access_token: [{ path: /^\//, weights: NONE }],
  gateway_certificate: [{ path: /^\//, weights: NONE }],
};

/** Fields that say nothing to a gateway, of any kind. */
export const INERT = /^\/(created_at|updated_at|slug|description|org_id|organization_id|env_id|environment_id)$/;

/** What coming and going does. Ending what others point at is felt as the absence of it. */
export const LIFE: Readonly<Record<string, { readonly appears: Weights; readonly disappears: Weights }>> = {
  model: {
    appears: { target_mix: 0.3 },
    disappears: { not_found: 1, invalid_request: 1, routing: 1, target_mix: 1, gateway_config: 0.6, vanished: 0.3 },
  },
  provider_key: { appears: {}, disappears: { gateway_config: 1, provider_auth: 1, routing: 0.6, not_found: 0.3 } },
  api_key: { appears: {}, disappears: { vanished: 1, caller_auth: 1 } },
  guardrail: { appears: GUARDED, disappears: {} },
  guardrail_attachment: { appears: GUARDED, disappears: {} },
  rate_limit_policy: { appears: LIMIT, disappears: {} },
  budget: { appears: { budget: 1 }, disappears: {} },
  cache_policy: { appears: { slow: 0.3 }, disappears: { slow: 0.3, provider_limit: 0.3 } },
  mcp_server: { appears: {}, disappears: { not_found: 1, other: 1, vanished: 1 } },
  a2a_agent: { appears: {}, disappears: { not_found: 1, other: 1, vanished: 1 } },
  passthrough_route: { appears: {}, disappears: { not_found: 1, vanished: 1, other: 0.6 } },
  mcp_policy: { appears: { forbidden: 1, other: 0.6 }, disappears: { forbidden: 1 } },
  oidc_provider: { appears: {}, disappears: { caller_auth: 1, vanished: 1 } },
  claim_mapping: { appears: { forbidden: 0.3 }, disappears: { caller_auth: 1, vanished: 1 } },
};
