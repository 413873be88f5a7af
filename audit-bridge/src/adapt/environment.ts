import { ORGANIZATION_KINDS } from '../redact/kinds.ts';
import { type AdaptContext, type Adapted, refuse } from './adapted.ts';
import type { AuditEvent } from './auditEvent.ts';

/**
 * Where an event belongs: the environment that it names, else that of the feed; null for the whole organization. One
 * that is not configured here is nobody's fault and ignored; one that the feed may not speak for is refused, and so is
 * null from a feed of one environment, but for kinds that belong to the organization whoever tells of them.
 */
export function environmentOfEvent(
  { environment: named }: Pick<AuditEvent, 'environment'>,
  kind: string,
  { environment: own, environmentOf }: AdaptContext,
): { readonly environment: string | null } | Exclude<Adapted, { readonly observation: unknown }> {
  const { id, name } = named ?? {};
  if (!id && !name) {
    if (ORGANIZATION_KINDS.has(kind) || (named === null && own === undefined)) return { environment: null };
    if (named === null) {
      return refuse('forbidden_environment', 'environment: expected the one of this feed, which may not speak for all');
    }
    if (own !== undefined) return { environment: own };
    return refuse('environment_required', 'environment: expected an id or a name, or null for the whole organization');
  }
  const known = id ? (environmentOf(id) ?? namedOnly(name, environmentOf)) : environmentOf(name ?? '');
  if (known === undefined) return { ignored: 'unknown_environment' };
  if (own !== undefined && known !== own) {
    return refuse('forbidden_environment', 'environment: expected the one that this feed is configured for');
  }
  return { environment: known };
}

/**
 * Other organizations have environments of the same name, so an id that is not known is not replaced by a name, unless
 * the environment is configured by its name alone.
 */
function namedOnly(name: string | null | undefined, environmentOf: AdaptContext['environmentOf']): string | undefined {
  const known = name ? environmentOf(name) : undefined;
  return known === name ? known : undefined;
}
