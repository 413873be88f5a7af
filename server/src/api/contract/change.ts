import { CHANGE_FIELDS, CHANGE_FILTER_OPERATORS } from '@aisix-observability/audit-bridge';
import { CHANGE_ACTIONS, HUMAN_VERDICTS } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';
import { API_LIMITS } from '../limits.ts';
import { gap, nextCursor } from './answers.ts';
import { cursor, environment, range, scalar, whole } from './bodies.ts';

const millis = z.number().openapi({ description: 'milliseconds since 1970' });

const changedPath = z.object({
  path: z.string().openapi({ description: 'JSON pointer into the resource' }),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  secret: z.boolean().openapi({ description: 'values stand as `hmac:<12 hex>`, equal ones alike' }),
});

/** `ConfigChange`, as audit readers see it: redacted before it was stored. */
export const configChange = z
  .object({
    id: z.string(),
    occurredAt: millis,
    observedAt: millis,
    effective: z.array(z.object({ dataPlane: z.string(), at: millis })),
    action: z.enum(CHANGE_ACTIONS),
    actor: z
      .object({ type: z.string(), id: z.string().optional(), name: z.string().optional() })
      .optional()
      .openapi({ description: 'absent where no audit event told who it was' }),
    resource: z.object({
      kind: z.string(),
      id: z.string().optional(),
      name: z.string().optional(),
      previousName: z.string().optional(),
    }),
    environment: z.string().nullable().openapi({ description: 'null for changes of the whole organization' }),
    organization: z.string().optional(),
    dataPlane: z.string().optional(),
    paths: z.array(changedPath),
    revision: z.number().optional(),
    result: z.enum(['success', 'failure']),
    trust: z.enum(['signed', 'polled', 'observed']),
    state: z.enum(['applied', 'rejected', 'superseded', 'unknown']),
    foundLate: z.boolean(),
    observedBetween: z.array(millis).length(2).optional(),
    conflict: z.boolean(),
    source: z.string(),
    requestId: z.string().optional(),
    burstId: z.string().optional().openapi({ description: 'of the marker in which it is drawn' }),
    burstEnd: millis.optional(),
    verdict: z
      .object({
        computed: z
          .object({
            value: z.string(),
            reason: z.string(),
            look: z.string(),
            at: millis,
            sentence: z.string().optional(),
            settled: z.boolean().optional().openapi({ description: 'no later look will change it' }),
          })
          .optional(),
        human: z
          .object({ value: z.enum(HUMAN_VERDICTS), by: z.string(), at: millis, note: z.string().optional() })
          .optional(),
      })
      .optional(),
  })
  .openapi('ConfigChange');

export const changesAnswer = z
  .object({ changes: z.array(configChange), gaps: z.array(gap), nextCursor })
  .openapi('ChangesAnswer');

export const changeFilter = z
  .strictObject(
    {
      field: z
        .string('the name of a field')
        .max(128)
        .openapi({ enum: Object.keys(CHANGE_FIELDS) }),
      op: z.enum(CHANGE_FILTER_OPERATORS, `one of ${CHANGE_FILTER_OPERATORS.join(', ')}`),
      value: z.union(
        [scalar, z.array(scalar).max(API_LIMITS.filterValues.value)],
        'a text, a number, true, false, or a list of them',
      ),
    },
    'a filter with field, op and value',
  )
  .openapi('ChangeFilter');

export const changesBody = z
  .strictObject({
    ...range,
    environment: environment.optional(),
    filters: z.array(changeFilter, 'a list of filters').max(API_LIMITS.filters.value).default([]),
    limit: whole('a number of changes', 1, API_LIMITS.rows.value).default(100),
    order: z.enum(['newest', 'oldest'], 'newest or oldest').default('newest'),
    cursor: cursor.optional(),
  })
  .openapi('ChangesBody');

const changeId = z.string('the id of a change').min(1, 'the id of a change').max(128);

export const changeBody = z.strictObject({ id: changeId }).openapi('ChangeBody');

export const verdictBody = z
  .strictObject({
    id: changeId,
    value: z
      .enum(HUMAN_VERDICTS, `${HUMAN_VERDICTS.join(', ')} or null`)
      .nullable()
      .openapi({ description: 'null takes it back' }),
    note: z
      .string('a text')
      .max(API_LIMITS.noteCharacters.value)
      .optional()
      .openapi({ description: 'why; secrets are taken out before it is kept' }),
  })
  .openapi('VerdictBody');
