import { z } from 'zod';
import type { StatusObservation } from '../../model/observation.ts';
import { wireKind } from '../../redact/kinds.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { SourceError } from './sourceFault.ts';

/** What is kept of an answer: what tells whether something moved. */
export type StatusContent = Pick<
  StatusObservation,
  'state' | 'connected' | 'appliedRevision' | 'applySeq' | 'appliedAt' | 'rejected'
>;

/** The gateway keeps 256. */
const MAX_REJECTED = 1_000;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const whole = z.number().int().nonnegative();

/** Read tolerantly: a data plane that never loaded anything has hardly any field. */
const answer = z.object({
  state: z.string().min(1).max(64),
  source: z.object({ connected: z.boolean().nullish() }).nullish(),
  applied: z
    .object({ applied_revision: whole.nullish(), apply_seq: whole.nullish(), applied_at: instant.nullish() })
    .nullish(),
  rejected: z
    .array(
      z.object({
        resource_kind: z.string().max(256),
        resource_id: z.string().max(1024),
        serving_stale_since: instant.nullish(),
      }),
    )
    .max(MAX_REJECTED)
    .nullish(),
});

/**
 * What `GET /status/config` says; its error texts are left out.
 *
 * @throws SourceError `status_invalid`.
 */
export function parseStatus(text: string, redactor: Redactor): StatusContent {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new SourceError('status_invalid', 'found no JSON, expected the answer of /status/config', true);
  }
  const parsed = answer.safeParse(found);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.filter((step) => typeof step === 'string').join('.') || 'the body';
    throw new SourceError('status_invalid', `unexpected ${place}: expected the answer of /status/config`, true);
  }
  const { state, source, applied, rejected } = parsed.data;
  return {
    state: redactor.label(state),
    ...present('connected', source?.connected),
    ...present('appliedRevision', applied?.applied_revision),
    ...present('applySeq', applied?.apply_seq),
    ...present('appliedAt', applied?.applied_at),
    rejected: (rejected ?? [])
      .map(({ resource_kind, resource_id, serving_stale_since }) => ({
        kind: redactor.label(wireKind(resource_kind)),
        id: redactor.label(resource_id),
        ...present('servingStaleSince', serving_stale_since),
      }))
      .sort((a, b) => (`${a.kind}/${a.id}` < `${b.kind}/${b.id}` ? -1 : 1)),
  };
}

function present<K extends string, T>(key: K, value: T | null | undefined): Partial<Record<K, T>> {
  return value === null || value === undefined ? {} : ({ [key]: value } as Partial<Record<K, T>>);
}
