import { z } from 'zod';
import { isRecord } from '../redact/redactValue.ts';
import { type AdaptContext, type Adapted, refuse } from './adapted.ts';
import { adaptCanonical } from './canonical.ts';
import { actionOf, kindOf } from './words.ts';

/** Context attributes of CloudEvents 1.0 (JSON format) as far as they are read; extensions are allowed and not kept. */
const envelope = z.object({
  specversion: z.string(),
  id: z.string().min(1),
  source: z.string().min(1).max(1024),
  type: z.string().min(1).max(1024),
  subject: z.string().max(2048).optional(),
  time: z.string().optional(),
  datacontenttype: z.string().max(256).optional(),
  data: z.unknown().optional(),
  data_base64: z.unknown().optional(),
});

/** `application/json`, any `…+json`, with or without parameters. */
const JSON_TYPE = /^[a-z]+\/(?:[a-z0-9.+-]+\+)?json(?:\s*;.*)?$/i;

/**
 * A CloudEvent in structured form. `data` is an event of the wire contract or part of one; what it lacks comes from the
 * envelope: `id`, `occurred_at` from `time`, `action` from the last word of `type` (`…model.updated`), `resource` from
 * `subject` (`model/<id>`). `source` and `id` together are the event's identity.
 */
export function adaptCloudEvent(value: unknown, context: AdaptContext): Adapted {
  if (!isRecord(value)) return refuse('not_an_object', 'expected an object with a CloudEvent');
  if (value.specversion !== '1.0') return refuse('unsupported_spec_version', 'specversion: expected 1.0');
  const parsed = envelope.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(
      issue?.path[0] === 'id' ? 'invalid_id' : 'invalid_field',
      `${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  const { id, source, type, subject, time, datacontenttype, data = {}, data_base64 } = parsed.data;
  if (
    data_base64 !== undefined ||
    !isRecord(data) ||
    (datacontenttype !== undefined && !JSON_TYPE.test(datacontenttype))
  ) {
    return refuse('unsupported_data', 'data: expected a JSON object');
  }
  const event = {
    schema_version: '1.0',
    ...(time === undefined ? {} : { occurred_at: time }),
    action: actionOf(type),
    event_type: type,
    resource: resourceOf(subject, type),
    ...data,
    id,
  };
  return adaptCanonical(event, context, source);
}

/** `model/<id>`, or the kind from the type where the subject has only an id. */
function resourceOf(subject: string | undefined, type: string): { readonly type?: string; readonly id?: string } {
  const kind = kindOf(type);
  const slash = subject?.indexOf('/') ?? -1;
  if (subject === undefined || subject === '') return kind === undefined ? {} : { type: kind };
  if (slash > 0) return { type: subject.slice(0, slash), id: subject.slice(slash + 1) };
  return { ...(kind === undefined ? {} : { type: kind }), id: subject };
}
