import type { ConfigChange } from '../api/changes';

/** What may be done to a resource. */
export const CHANGE_ACTIONS = [
  'create',
  'update',
  'delete',
  'enable',
  'disable',
  'rotate',
  'revoke',
  'invite',
  'other',
] as const satisfies readonly ConfigChange['action'][];

/** Kinds of resources of the gateway and of its control plane; any other may be typed. */
export const RESOURCE_KINDS = [
  'model',
  'provider_key',
  'api_key',
  'guardrail',
  'guardrail_attachment',
  'rate_limit_policy',
  'cache_policy',
  'observability_exporter',
  'mcp_server',
  'mcp_policy',
  'a2a_agent',
  'passthrough_route',
  'oidc_provider',
  'claim_mapping',
  'environment',
  'organization',
  'member',
  'team',
  'budget',
  'admin_token',
  'personal_access_token',
  'gateway_certificate',
  'model_pricing',
] as const;
