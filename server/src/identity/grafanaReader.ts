import type { JWTPayload } from 'jose';
import type { GrafanaConfig } from '../config/config.ts';
import { GRAFANA_ROLES } from '../config/readers.ts';
import type { Reader } from './reader.ts';
import type { Refusal } from './refusal.ts';
import { shown } from './shown.ts';

/** Names are shown and kept beside verdicts. */
const MAX_NAME_CHARACTERS = 128;

/** Maps the claims of a proved identity to a reader, as the entry of its organization says. */
export function grafanaReader(claims: JWTPayload, entry: GrafanaConfig): Reader | Refusal {
  const { type, role: given } = claims;
  const role = GRAFANA_ROLES.find((known) => known === given);
  if (role === undefined) {
    return {
      status: 403,
      code: 'identity_role',
      message: `expected the role ${GRAFANA_ROLES.join(', ')} in the Grafana organization, found ${shown(given)}`,
    };
  }
  const audit = entry.auditTypes.some((allowed) => allowed === type) && entry.auditRoles.includes(role);
  if (!audit && !entry.viewerTypes.some((allowed) => allowed === type)) {
    return {
      status: 403,
      code: 'identity_type',
      message: `expected an identity of the type ${entry.viewerTypes.join(', ') || '(none)'}, found ${shown(type)}`,
      hint: '`grafana[].viewer_types` of the configuration says which types may read',
    };
  }
  const subject = text(claims.sub);
  return {
    kind: 'grafana',
    id: `${entry.issuer} org:${entry.orgId} ${subject}`,
    name: text(claims.username) || text(claims.email) || text(claims.name) || subject,
    organization: entry.orgId,
    role,
    scopes: audit ? ['requests', 'changes'] : ['requests'],
    audit,
    environments: entry.environments,
    visibility: audit ? entry.visibility.auditReaders : entry.visibility.viewers,
    // Present and a number: the verification asked for it.
    ...(claims.exp === undefined ? {} : { expiresAt: claims.exp * 1000 }),
  };
}

/** Without what could hide or reorder text where the name is shown. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\p{C}/gu, '').slice(0, MAX_NAME_CHARACTERS) : '';
}
