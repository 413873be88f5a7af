import type { Visibility } from '@aisix-observability/evidence';
import type { z } from 'zod';
import {
  type FieldVisibility,
  type GrafanaConfig,
  PERSONAL_FIELDS,
  type PersonalField,
  type VisibilityConfig,
} from './readers.ts';
import type { grafanaSchema, visibilitySchema } from './readersSchema.ts';

type VisibilitySection = z.output<typeof visibilitySchema>;

/** Hashed still tells callers apart; whoever looks for causes needs no more of a person than that. */
const FOR_VIEWERS: Visibility = 'hashed';
/** Audit readers see who changed what anyway. */
const FOR_AUDIT_READERS: Visibility = 'clear';

const filled = (
  initial: (field: PersonalField) => Visibility,
  given: VisibilitySection['viewers'] = {},
): FieldVisibility =>
  Object.fromEntries(PERSONAL_FIELDS.map((field) => [field, given[field] ?? initial(field)])) as FieldVisibility;

/** Of every personal field; what the file leaves out is as in `base`, or as it is by default. */
export function toVisibility(from: VisibilitySection = {}, base?: VisibilityConfig): VisibilityConfig {
  return {
    viewers: filled((field) => base?.viewers[field] ?? FOR_VIEWERS, from.viewers),
    auditReaders: filled((field) => base?.auditReaders[field] ?? FOR_AUDIT_READERS, from.audit_readers),
  };
}

/** `environmentId` gives the only environment for none. */
export function toGrafana(
  from: z.output<typeof grafanaSchema>[number],
  environmentId: (word: string | undefined) => string,
  visibility: VisibilityConfig,
): GrafanaConfig {
  return {
    issuer: bareIssuer(from.issuer),
    jwksUrl: from.jwks_url,
    orgId: from.org_id,
    environments: from.environments?.map(environmentId) ?? [environmentId(undefined)],
    auditRoles: from.audit_roles,
    auditTypes: from.audit_types,
    viewerTypes: from.viewer_types,
    ...(from.secret === undefined ? {} : { secret: from.secret }),
    visibility: toVisibility(from.visibility, visibility),
  };
}

/** Grafana writes its `root_url` with a slash at the end, and people write it without. */
export function bareIssuer(issuer: string): string {
  return issuer.replace(/\/$/, '');
}
