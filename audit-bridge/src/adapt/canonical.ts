import type { ChangedPath } from '@aisix-observability/evidence';
import { valueHash } from '../model/canonicalJson.ts';
import type { ChangeObservation, ResourceRef } from '../model/observation.ts';
import { wireKind } from '../redact/kinds.ts';
import type { RedactedResource, Redactor } from '../redact/redactor.ts';
import { isRecord } from '../redact/redactValue.ts';
import { type AdaptContext, type Adapted, type EventRefusalCode, refuse } from './adapted.ts';
import { type AuditEvent, auditEventSchema } from './auditEvent.ts';
import { environmentOfEvent } from './environment.ts';
import { parseRfc3339, plausibleTime } from './eventTime.ts';

/** By the first step of the path in the contract; the others are `invalid_field`. */
const CODES: Readonly<Record<string, EventRefusalCode>> = {
  schema_version: 'unsupported_schema_version',
  id: 'invalid_id',
  occurred_at: 'invalid_time',
  action: 'invalid_action',
  resource: 'invalid_resource',
};

/**
 * One event of the wire contract, redacted. `eventSource` is what makes an id unique where several systems send through
 * one feed (the `source` of CloudEvents).
 */
export function adaptCanonical(value: unknown, context: AdaptContext, eventSource?: string): Adapted {
  if (!isRecord(value)) return refuse('not_an_object', 'expected an object with an audit event');
  const parsed = auditEventSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const [first] = issue?.path ?? [];
    const code = typeof first === 'string' && Object.hasOwn(CODES, first) ? CODES[first] : undefined;
    return refuse(code ?? 'invalid_field', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const event = parsed.data;
  const time = plausibleTime(parseRfc3339(event.occurred_at), context.now);
  if ('fault' in time) return refuse(time.fault, `occurred_at: ${time.message}`);
  const kind = wireKind(event.resource.type);
  const place = environmentOfEvent(event, kind, context);
  if (!('environment' in place)) return place;
  const content = contentOf(event, kind, time.at, context);
  const { environment } = place;
  return {
    observation: {
      ...content,
      environment,
      observationId: observationId(event.id, eventSource, context),
      contentHash: valueHash({ ...content, environment }),
      feed: context.feed,
      observedAt: context.now,
    },
  };
}

/** Readable where it can be; an id that holds a secret gives way to its digest. */
function observationId(id: string, eventSource: string | undefined, { feed, redactor }: AdaptContext): string {
  const key = eventSource === undefined || eventSource === '' ? id : `${eventSource} ${id}`;
  const safe = redactor.label(key);
  return `audit:${feed.name}:${safe === key ? key : redactor.digest(key).slice(0, 32)}`;
}

type Content = Omit<ChangeObservation, 'observationId' | 'feed' | 'observedAt' | 'environment' | 'contentHash'>;

function contentOf(event: AuditEvent, kind: string, occurredAt: number, context: AdaptContext): Content {
  const { redactor } = context;
  const before = documentOf(kind, event.before, redactor);
  const after = documentOf(kind, event.after, redactor);
  const paths = pathsOf(event, kind, redactor);
  const actor = actorOf(event, redactor);
  const organization = event.organization?.id || event.organization?.name;
  return {
    type: 'change',
    trust: context.trust,
    action: event.action,
    resource: resourceOf({ event, kind, paths, before, after }, redactor),
    occurredAt,
    foundLate: false,
    ...(actor === undefined ? {} : { actor }),
    ...(organization ? { organization: redactor.label(organization) } : {}),
    paths,
    ...(before === undefined ? {} : { before: before?.value ?? null }),
    ...(after === undefined ? {} : { after: after?.value ?? null }),
    ...(typeof event.config_revision === 'number' ? { revision: event.config_revision } : {}),
    result: event.result ?? 'success',
    ...(event.error ? { error: redactor.freeText(event.error) } : {}),
    source: event.source ? redactor.label(event.source) : 'unknown',
    ...(event.request_id ? { requestId: redactor.label(event.request_id) } : {}),
  };
}

function documentOf(kind: string, document: unknown, redactor: Redactor): RedactedResource | null | undefined {
  if (document === undefined || document === null) return document;
  return redactor.redactResource(kind, document);
}

function pathsOf(event: AuditEvent, kind: string, redactor: Redactor): ChangedPath[] {
  if (event.before && event.after) return redactor.changedPaths(kind, event.before, event.after);
  const told = (event.changes ?? []).map(({ path, before, after }) =>
    redactor.changedPath(kind, {
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    }),
  );
  const hidden = told.filter(({ path }) => path === '');
  if (hidden.length < 2) return told;
  // Not even how many fields a resource of an unknown kind has.
  const side = (which: 'before' | 'after') => hidden.map((one) => one[which] ?? null);
  const one = redactor.changedPath(kind, { path: '', before: side('before'), after: side('after') });
  return [...told.filter(({ path }) => path !== ''), one];
}

interface Named {
  readonly event: AuditEvent;
  readonly kind: string;
  readonly paths: readonly ChangedPath[];
  readonly before: RedactedResource | null | undefined;
  readonly after: RedactedResource | null | undefined;
}

const NAME_PATHS: ReadonlySet<string> = new Set(['/display_name', '/name']);

function resourceOf({ event, kind, paths, before, after }: Named, redactor: Redactor): ResourceRef {
  const { id, name: told } = event.resource;
  const renamed = paths.find(({ path, secret }) => NAME_PATHS.has(path) && !secret);
  const was = before?.name ?? textOf(renamed?.before);
  const is = event.action === 'delete' ? undefined : (after?.name ?? textOf(renamed?.after));
  const name = is ?? (told ? redactor.label(told) : was);
  return {
    kind: redactor.label(kind),
    ...(id ? { id: redactor.label(id) } : {}),
    ...(name === undefined ? {} : { name }),
    ...(is !== undefined && was !== undefined && was !== is ? { previousName: was } : {}),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function actorOf({ actor }: AuditEvent, redactor: Redactor): ChangeObservation['actor'] {
  if (!actor) return undefined;
  const name = actor.name || actor.email || actor.token_name;
  if (!actor.type && !actor.id && !name) return undefined;
  return {
    type: actor.type ? redactor.label(actor.type) : 'unknown',
    ...(actor.id ? { id: redactor.label(actor.id) } : {}),
    ...(name ? { name: redactor.label(name) } : {}),
  };
}
