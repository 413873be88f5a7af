import type { Visibility } from '@aisix-observability/evidence';
import { count, environmentReference, httpUrl, list, oneOf, secret, section } from './leaves.ts';
import { AUDIT_TYPES, GRAFANA_ROLES, GRAFANA_TYPES, PERSONAL_FIELDS, type PersonalField } from './readers.ts';

const VISIBILITIES = ['clear', 'hashed', 'hidden'] as const satisfies readonly Visibility[];

const visibilityOfField = oneOf(VISIBILITIES).optional();
const fields = section(
  Object.fromEntries(PERSONAL_FIELDS.map((field) => [field, visibilityOfField])) as Record<
    PersonalField,
    typeof visibilityOfField
  >,
);

/** Who sees personal fields, and how. */
export const visibilitySchema = section({ viewers: fields.optional(), audit_readers: fields.optional() });

/** Organizations of Grafanas whose users may ask. */
export const grafanaSchema = list(
  section({
    issuer: httpUrl,
    jwks_url: httpUrl,
    org_id: count('the id of a Grafana organization', 1, Number.MAX_SAFE_INTEGER),
    environments: list(environmentReference).optional(),
    audit_roles: list(oneOf(GRAFANA_ROLES)).default(['Admin']),
    audit_types: list(oneOf(AUDIT_TYPES)).default(['user']),
    viewer_types: list(oneOf(GRAFANA_TYPES)).default(['user', 'service-account', 'anonymous']),
    secret: secret.optional(),
    visibility: visibilitySchema.optional(),
  }),
);
