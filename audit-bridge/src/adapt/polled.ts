import { isRecord } from '../redact/redactValue.ts';
import { type AdaptContext, type Adapted, refuse } from './adapted.ts';
import { adaptCanonical } from './canonical.ts';
import { adaptCloudEvent } from './cloudEvents.ts';
import { type FieldPath, type PolledFields, valueAt } from './fieldPath.ts';
import { actionOf, kindOf } from './words.ts';

/** How rows of a polled audit log are read: they speak our contract, CloudEvents, or their own words. */
export type PolledShape = 'canonical' | 'cloudevents' | PolledFields;

/** Seconds of this size lie in the year 5138, milliseconds in 1973: no audit log has either. */
const SECONDS_BELOW = 1e11;

/** Words of HTTP for the action, where the log has no better ones. */
const METHODS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' };

/** One row of an audit log that is polled, through the wire contract. */
export function adaptPolled(row: unknown, shape: PolledShape, context: AdaptContext): Adapted {
  if (shape === 'canonical') return adaptCanonical(row, context);
  if (shape === 'cloudevents') return adaptCloudEvent(row, context);
  if (!isRecord(row)) return refuse('not_an_object', 'expected a row that is an object');
  return adaptCanonical(eventOf(row, shape), context);
}

function eventOf(row: unknown, fields: PolledFields): Readonly<Record<string, unknown>> {
  const raw = (path: FieldPath | undefined): unknown => valueAt(row, path);
  const text = (path: FieldPath | undefined): string | undefined => textOf(raw(path));
  const eventType = text(fields.eventType);
  const error = text(fields.error);
  const environment = text(fields.environment);
  const organization = text(fields.organization);
  return {
    schema_version: '1.0',
    id: text(fields.id),
    occurred_at: timeOf(raw(fields.occurredAt)),
    action: actionOfRow(text(fields.action) ?? eventType, text(fields.method)),
    event_type: eventType,
    actor: {
      type: text(fields.actorType) ?? 'user',
      id: text(fields.actorId),
      name: text(fields.actorName),
    },
    resource: {
      type: kindOfRow(text(fields.kind) ?? eventType),
      id: text(fields.resourceId),
      name: text(fields.resourceName),
    },
    ...(environment === undefined ? {} : { environment: { id: environment } }),
    ...(organization === undefined ? {} : { organization: { id: organization } }),
    before: documentOf(raw(fields.before)),
    after: documentOf(raw(fields.after)),
    source: text(fields.source),
    request_id: text(fields.requestId),
    result: isFailure(raw(fields.status), error) ? 'failure' : 'success',
    error,
    config_revision: raw(fields.revision),
  };
}

function actionOfRow(words: string | undefined, method: string | undefined): string {
  const action = actionOf(words ?? '');
  return action === 'other' ? (METHODS[method?.toUpperCase() ?? ''] ?? action) : action;
}

/** A kind alone (`model`, `Provider Key`), or the name of an event that holds one. */
function kindOfRow(words: string | undefined): string {
  return (words === undefined ? undefined : kindOf(words)) ?? 'other';
}

function isFailure(status: unknown, error: string | undefined): boolean {
  const code = Number(status);
  return error !== undefined || (Number.isInteger(code) && code >= 400);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Documents come as objects or as JSON in a text. */
function documentOf(value: unknown): unknown {
  if (isRecord(value) || value === null) return value;
  if (typeof value !== 'string' || value === '') return undefined;
  try {
    const document: unknown = JSON.parse(value);
    return isRecord(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 3339 of what may be that already, or seconds or milliseconds since 1970. */
function timeOf(value: unknown): unknown {
  const count =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,16}(\.\d+)?$/.test(value)
        ? Number(value)
        : undefined;
  if (count === undefined) return value;
  const time = new Date(Math.round(count < SECONDS_BELOW ? count * 1000 : count));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
