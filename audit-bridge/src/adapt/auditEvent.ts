import { CHANGE_ACTIONS } from '@aisix-observability/evidence';
import { z } from 'zod';
import { MAX_CHANGED_PATHS } from '../redact/changedPaths.ts';

/** Room for UUIDs, ULIDs, hashes and composed ids. */
const MAX_ID_LENGTH = 256;
/** Names are cut by control planes far below. */
const MAX_NAME_LENGTH = 1024;
const MAX_POINTER_LENGTH = 1024;
/** A message of the gateway has at most 2,048 characters; more is cut when redacting. */
const MAX_TEXT_LENGTH = 65_536;

/** Visible ASCII: what every system can quote, log and search for. */
const EVENT_ID = /^[\x21-\x7e]+$/;
/** RFC 3339. That the day exists is checked when it is read. */
const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const RESOURCE_TYPE = /^[a-z][a-z0-9_]*$/;

const name = z.string().max(MAX_NAME_LENGTH).nullish();

const party = (what: string) => z.object({ id: name, name }).nullish().describe(what);

const document = z.record(z.string(), z.unknown()).nullish();

/**
 * An audit event as senders write it: our own contract (no audit API of AISIX Cloud is public), major version 1. Fields
 * that it does not name are allowed and not kept.
 */
export const auditEventSchema = z
  .object({
    schema_version: z
      .string()
      .regex(/^1\.\d{1,4}$/, 'expected version 1.x')
      .describe('Version of this contract. Minor versions only add fields.'),
    id: z
      .string()
      .min(1)
      .max(MAX_ID_LENGTH)
      .regex(EVENT_ID, 'expected 1 to 256 visible ASCII characters')
      .describe(
        'Unique per sender, for ever. The same id again is the same event; with other content it is a conflict.',
      ),
    occurred_at: z
      .string()
      .regex(TIME, 'expected an RFC 3339 time with seconds and offset')
      .describe('When it happened, RFC 3339. More than 10 minutes ahead of the receiver is refused.'),
    action: z.enum(CHANGE_ACTIONS).describe('What was done to the resource.'),
    event_type: name.describe('For people: <resource>.<past participle>.'),
    actor: z
      .object({
        type: name.describe('user, admin_token, service_account, system'),
        id: name,
        email: name,
        name,
        role: name,
        token_name: name,
      })
      .nullish()
      .describe('Who did it.'),
    resource: z
      .object({
        type: z
          .string()
          .max(64)
          .regex(RESOURCE_TYPE, 'expected a word of lower-case letters, digits and _')
          .describe(
            'model, api_key, provider_key, … Unknown types are kept, with nothing of the resource but its name and id.',
          ),
        id: name,
        name: name.describe('After the change; of a deleted resource, before it.'),
      })
      .refine((one) => Boolean(one.id) || Boolean(one.name), 'expected an id or a name')
      .describe('What was changed; an id or a name is needed.'),
    environment: party('Null for what concerns the whole organization; absent: that of the webhook.'),
    organization: party('Whose it is.'),
    changes: z
      .array(
        z.object({
          path: z.string().max(MAX_POINTER_LENGTH).describe('JSON pointer into the resource.'),
          before: z.unknown().optional(),
          after: z.unknown().optional(),
        }),
      )
      .max(MAX_CHANGED_PATHS)
      .nullish()
      .describe('What changed. Not read when both before and after are there: then it is found by comparing them.'),
    before: document.describe('The resource before; null: did not exist.'),
    after: document.describe('The resource after; null: does not exist any more.'),
    source: name.describe('dashboard, api, system'),
    source_ip: name.describe('Not kept.'),
    user_agent: name.describe('Not kept.'),
    request_id: name.describe('Of the request to the control plane.'),
    result: z.enum(['success', 'failure']).nullish().describe('Absent: success.'),
    error: z.string().max(MAX_TEXT_LENGTH).nullish().describe('Why it failed, for people.'),
    config_revision: z
      .int()
      .min(0)
      .nullish()
      .describe("Revision of the gateway's store that the change got: finds the moment when it came into force."),
  })
  .describe('A configuration change of an AI gateway, told by the system in which it was made.');

export type AuditEvent = z.infer<typeof auditEventSchema>;

export const AUDIT_EVENT_SCHEMA_ID = 'audit-event.schema.json';

/** The contract as JSON Schema (2020-12), as published in `docs/`. */
export function auditEventJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...z.toJSONSchema(auditEventSchema, { io: 'input' }),
    $id: AUDIT_EVENT_SCHEMA_ID,
    title: 'Audit event of an AI gateway, version 1',
  };
}
