import type { z } from 'zod';
import type { AnnotationTargetConfig } from './audit.ts';
import type { annotationsSchema } from './auditSchema.ts';
import type { GrafanaConfig } from './readers.ts';
import { bareIssuer } from './toReaders.ts';

export interface ToAnnotationsOptions {
  readonly environmentId: (word: string) => string;
  /** Ids of all environments. */
  readonly environments: readonly string[];
  /** Organizations whose users may ask, and what they may see. */
  readonly grafana: readonly GrafanaConfig[];
}

/** A target that sees every environment has no list: then it also sees what concerns the whole organization. */
export function toAnnotationTarget(
  from: z.output<typeof annotationsSchema>[number],
  { environmentId, environments, grafana }: ToAnnotationsOptions,
): AnnotationTargetConfig {
  const seen = from.environments?.map(environmentId) ?? seenByReaders(from, environments, grafana);
  return {
    name: from.name,
    url: from.url,
    token: from.token,
    ...(from.org_id === undefined ? {} : { orgId: from.org_id }),
    detail: from.detail,
    ...(from.timeline_url === undefined ? {} : { timelineUrl: from.timeline_url }),
    ...(environments.every((id) => seen.includes(id)) ? {} : { environments: seen }),
  };
}

/**
 * What the organization may see when it asks, since whoever may not ask for an environment must not be shown it either:
 * found by the address of the Grafana and `org_id`, or by `org_id` alone where addresses differ inside and outside. Where
 * it may be one of several, what all of these may see; where it is none, everything.
 */
function seenByReaders(
  { url, org_id }: { readonly url: string; readonly org_id?: number | undefined },
  environments: readonly string[],
  grafana: readonly GrafanaConfig[],
): readonly string[] {
  const ofOrganization = grafana.filter(({ orgId }) => org_id === undefined || orgId === org_id);
  const base = bareIssuer(url);
  const ofAddress = ofOrganization.filter(({ issuer, jwksUrl }) => issuer === base || jwksUrl.startsWith(`${base}/`));
  const readers = ofAddress.length > 0 ? ofAddress : ofOrganization;
  return environments.filter((id) => readers.every((reader) => reader.environments.includes(id)));
}
