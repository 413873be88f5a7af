import { either, type Fields, flag, id, label, labels, list, number } from './rule.ts';

/** Access that a token or person has. */
const ACCESS: Fields = {
  role: label,
  scopes: labels,
  permissions: labels,
  expires_at: either(label, number),
  last_used_at: either(label, number),
  revoked_at: either(label, number),
  disabled: flag,
};

/**
 * Kinds that only the control plane has. Their documents are published nowhere, so only names that can hardly mean
 * anything else are allowed: what is not foreseen is hashed and still seen to change.
 */
export const CLOUD_KINDS = {
  environment: { region: label, gateway_group_id: id },
  organization: { plan: label, region: label },
  member: { ...ACCESS, user_id: id, team_id: id, team_ids: list(id), teams: labels },
  team: { member_ids: list(id), parent_id: id },
  budget: {
    target_type: label,
    target_id: id,
    scope: label,
    scope_ref: id,
    scope_id: id,
    amount: number,
    amount_usd: number,
    limit: number,
    limit_usd: number,
    max_budget: number,
    currency: label,
    period: label,
    window: label,
    interval: label,
    action: label,
    mode: label,
    enforcement: label,
    enforcement_mode: label,
    blocking: flag,
    warn_only: flag,
    thresholds: list(number),
    warn_threshold: number,
  },
  admin_token: ACCESS,
  personal_access_token: { ...ACCESS, user_id: id },
  gateway_certificate: {
    not_before: either(label, number),
    not_after: either(label, number),
    expires_at: either(label, number),
    issued_at: either(label, number),
    revoked_at: either(label, number),
    data_plane_id: id,
  },
  model_pricing: {
    provider: label,
    model: label,
    model_name: label,
    model_id: id,
    currency: label,
    unit: label,
    input_per_1k: number,
    output_per_1k: number,
    input_per_1m: number,
    output_per_1m: number,
    input_cost: number,
    output_cost: number,
    cache_read_per_1m: number,
    cache_write_per_1m: number,
    effective_at: either(label, number),
  },
} as const satisfies Readonly<Record<string, Fields>>;
