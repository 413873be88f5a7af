import { OUTCOME_CLASSES, OUTCOMES } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';
import { API_LIMITS } from '../limits.ts';
import { environment } from './bodies.ts';
import { configChange } from './change.ts';

const millis = z.number().openapi({ description: 'milliseconds since 1970' });
const text = z.string();
const document = z.record(z.string(), z.unknown()).openapi({ description: 'a redacted document' });

const evidenceLine = z
  .object({
    code: text.openapi({ description: 'stable' }),
    text,
    attempt: z.number().int().optional().openapi({ description: 'index of the attempt that it is about' }),
  })
  .openapi('EvidenceLine');

const touchedResource = z
  .object({
    kind: text,
    id: text.optional(),
    name: text.optional(),
    role: text.openapi({ description: 'its part in the request' }),
    certain: z.boolean().openapi({ description: 'false where only its scope could have touched the request' }),
    standing: z.enum(['in_force', 'refused', 'pending', 'in_transition', 'wanted_only', 'absent', 'unknown']),
    value: document.optional(),
    revision: z.number().optional(),
    since: millis.optional(),
    wanted: z
      .object({ value: document, revision: z.number().optional() })
      .optional()
      .openapi({ description: 'only where another value was served' }),
  })
  .openapi('TouchedResource');

/** `RequestExplanation`. */
export const requestExplanation = z
  .object({
    environment: text,
    requestId: text,
    traceId: text.optional(),
    n: z.number().int(),
    startTime: millis,
    outcome: z.enum(OUTCOMES),
    status: z.number().optional(),
    outcomeClass: z.enum(Object.keys(OUTCOME_CLASSES) as [keyof typeof OUTCOME_CLASSES]),
    sentence: text,
    evidence: z.array(evidenceLine),
    configuration: z.object({
      at: millis,
      source: z.enum(['data_plane', 'only_data_plane', 'all_data_planes', 'wanted', 'none']),
      dataPlanes: z.array(text),
      complete: z.boolean(),
    }),
    resources: z.array(touchedResource),
    changes: z
      .array(
        z.object({
          change: configChange,
          ageMs: z.number(),
          role: text,
          certain: z.boolean(),
          met: z.enum(['in_force', 'not_in_force', 'in_transition', 'refused', 'unknown']),
        }),
      )
      .openapi({ description: 'newest first' }),
    changesSentence: text,
    attempts: z.array(
      z.object({
        index: z.number().int(),
        kind: text,
        model: text.optional(),
        providerKey: text.optional(),
        status: z.number().optional(),
        errorClass: text.optional(),
        dispatched: z.boolean(),
        durationMs: z.number(),
        proves: text,
      }),
    ),
    unknowns: z.array(z.object({ code: text, text, from: millis.optional(), to: millis.optional() })),
  })
  .openapi('RequestExplanation');

export const requestInvestigation = z
  .object({
    explanations: z.array(requestExplanation).openapi({
      description: 'newest first: ids are chosen by callers, so that one may have several requests',
    }),
  })
  .openapi('RequestInvestigation');

export const requestInvestigationBody = z
  .strictObject({
    environment: environment.optional(),
    requestId: z.string('the id of a request').min(1, 'the id of a request').max(API_LIMITS.valueCharacters.value),
  })
  .openapi('RequestInvestigationBody');
