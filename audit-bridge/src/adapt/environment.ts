import { ORGANIZATION_KINDS } from '../redact/kinds.ts';
import { type AdaptContext, type Adapted, refuse } from './adapted.ts';
import type { AuditEvent } from './auditEvent.ts';

/**
 * Where an event belongs: the environment that it names, else that of the feed; null for the whole organization. One
 * that is not configured here is nobody's fault and ignored; one that the feed may not speak for is refused.
 */
export function environmentOfEvent(
  { environment: named }: Pick<AuditEvent, 'environment'>,
  kind: string,
  { environment: own, environmentOf }: AdaptContext,
): { readonly environment: string | null } | Exclude<Adapted, { readonly observation: unknown }> {
  if (named === null) return { environment: null };
  // Another organization may call its environment the same: a name counts only where there is no id.
  const word = named?.id || named?.name;
  if (!word) {
    if (ORGANIZATION_KINDS.has(kind)) return { environment: null };
    if (own !== undefined) return { environment: own };
    return refuse('environment_required', 'environment: expected an id or a name, or null for the whole organization');
  }
  const known = environmentOf(word);
  if (known === undefined) return { ignored: 'unknown_environment' };
  if (own !== undefined && known !== own) {
    return refuse('forbidden_environment', 'environment: expected the one that this feed is configured for');
  }
  return { environment: known };
}
