import { CLOUD_KINDS } from './cloudKinds.ts';
import { GATEWAY_KINDS } from './gatewayKinds.ts';
import { either, type Fields, flag, id, label, number, object, type Rule } from './rule.ts';

/** The gateway's store names kinds in the plural, audit events in the singular. */
export const ETCD_KINDS = {
  models: 'model',
  api_keys: 'api_key',
  provider_keys: 'provider_key',
  guardrails: 'guardrail',
  guardrail_attachments: 'guardrail_attachment',
  rate_limit_policies: 'rate_limit_policy',
  cache_policies: 'cache_policy',
  observability_exporters: 'observability_exporter',
  mcp_servers: 'mcp_server',
  mcp_policies: 'mcp_policy',
  mcp_auth_settings: 'mcp_auth_settings',
  a2a_agents: 'a2a_agent',
  passthrough_routes: 'passthrough_route',
  oidc_providers: 'oidc_provider',
  claim_mappings: 'claim_mapping',
} as const satisfies Readonly<Record<string, keyof typeof GATEWAY_KINDS>>;

export type EtcdKind = keyof typeof ETCD_KINDS;

/** The kind as the wire contract names it: etcd's plural becomes the singular, anything else stays. */
export function wireKind(kind: string): string {
  return Object.hasOwn(ETCD_KINDS, kind) ? ETCD_KINDS[kind as EtcdKind] : kind;
}

/** Kinds that belong to the whole organization, so that an event of theirs needs no environment. */
export const ORGANIZATION_KINDS: ReadonlySet<string> = new Set([
  'organization',
  'environment',
  'member',
  'team',
  'admin_token',
  'personal_access_token',
  'model_pricing',
]);

/** What every resource may say of itself. */
const IDENTITY: Fields = { id, name: label, display_name: label };
const COMMON: Fields = {
  ...IDENTITY,
  slug: label,
  status: label,
  enabled: flag,
  created_at: either(label, number),
  updated_at: either(label, number),
  org_id: id,
  organization_id: id,
  env_id: id,
  environment_id: id,
};

const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({ ...GATEWAY_KINDS, ...CLOUD_KINDS }).map(([kind, fields]) => [
    kind,
    object({ ...COMMON, ...fields }),
  ]),
);

/** Nothing but name and id of a kind that is not known. */
export const UNKNOWN_KIND_RULE: Rule = object(IDENTITY);

/** The rule for a kind's documents, by its plural or singular name; undefined for an unknown kind. */
export function ruleOfKind(kind: string): Rule | undefined {
  return RULES.get(wireKind(kind));
}

/** Singular names of all known kinds. */
export const KNOWN_KINDS: readonly string[] = [...RULES.keys()];
