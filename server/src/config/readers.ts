import { REQUEST_FIELDS, type RequestField, type Visibility } from '@aisix-observability/evidence';

/** Kinds of identity that a Grafana signs for and that may be let in. */
export const GRAFANA_TYPES = ['user', 'service-account', 'anonymous', 'render'] as const;
export type GrafanaType = (typeof GRAFANA_TYPES)[number];

/** Kinds that may be audit readers: changes are never for everybody who finds the page. */
export const AUDIT_TYPES = ['user', 'service-account'] as const satisfies readonly GrafanaType[];

/** Roles of a Grafana organization that may read anything; `None` may not. */
export const GRAFANA_ROLES = ['Viewer', 'Editor', 'Admin'] as const;
export type GrafanaRole = (typeof GRAFANA_ROLES)[number];

/** One organization of one Grafana whose users may ask. */
export interface GrafanaConfig {
  /** `root_url` of the Grafana, without a slash at its end; tokens may have one. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly orgId: number;
  /** Ids of the environments that this organization may see. */
  readonly environments: readonly string[];
  readonly auditRoles: readonly GrafanaRole[];
  readonly auditTypes: readonly (typeof AUDIT_TYPES)[number][];
  readonly viewerTypes: readonly GrafanaType[];
  /** What the data source sends beside the identity; always there when the api listens beyond this machine. */
  readonly secret?: string;
  readonly visibility: VisibilityConfig;
}

/** Fields that say something of a person. */
export type PersonalField = {
  [Field in RequestField]: (typeof REQUEST_FIELDS)[Field] extends { readonly personal: true } ? Field : never;
}[RequestField];

export const PERSONAL_FIELDS = Object.entries(REQUEST_FIELDS)
  .filter(([, spec]) => 'personal' in spec && spec.personal)
  .map(([field]) => field as PersonalField);

export type FieldVisibility = Readonly<Record<PersonalField, Visibility>>;

/** How personal fields show to the two kinds of readers. */
export interface VisibilityConfig {
  readonly viewers: FieldVisibility;
  readonly auditReaders: FieldVisibility;
}
