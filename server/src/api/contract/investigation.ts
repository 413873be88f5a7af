import { INDICATOR_KINDS, OUTCOME_CLASSES, OUTCOMES, REASONS, VERDICTS } from '@aisix-observability/evidence';
import { z } from '@hono/zod-openapi';
import { API_LIMITS } from '../limits.ts';
import { environment, range, whole } from './bodies.ts';
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
    certain: z
      .boolean()
      .openapi({ description: 'false where only its scope, or a label in the event, says that it took part' }),
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

const counts = z.object({ bad: z.number(), total: z.number() });
const share = z.number().openapi({ description: '0 to 1' });
const look = z.object({ name: text, afterMillis: z.number(), probability: share, early: z.literal(true).optional() });
const silentSpan = z.object({
  feed: text,
  dataPlane: text.optional(),
  of: z.enum(['requests', 'changes']),
  from: millis,
  to: millis,
});
const oneIn = z
  .number()
  .int()
  .openapi({ description: '1: every request was looked at; n: about every n-th, picked by its key' });

const changesCut = z
  .literal(true)
  .optional()
  .openapi({ description: 'there were more changes than are looked at, and the oldest are left out' });

const indicator = z
  .object({
    kind: z.enum(INDICATOR_KINDS),
    errorClass: text.optional(),
    status: z.number().optional(),
    outcome: z.enum(OUTCOMES).optional(),
    model: text.optional(),
    label: text,
    before: counts,
    after: counts,
    controlBefore: counts,
    controlAfter: counts,
    expected: share.openapi({ description: 'share that was to be expected after, had nothing been done' }),
    effect: z.number().openapi({ description: 'share after minus `expected`' }),
    probabilityWorse: share,
    probabilityBetter: share,
    probabilitySame: share,
    mechanism: share.openapi({ description: 'how well the changed paths explain this class' }),
    newSignature: z.boolean(),
    echo: text.optional().openapi({ description: 'a message with the new value in it' }),
    late: z.number(),
    elsewhere: z.number(),
    ratio: z.number().optional(),
  })
  .openapi('Indicator');

/** `Impact`. */
export const impact = z
  .object({
    changeId: text,
    verdict: z.enum(VERDICTS),
    reason: z.enum(REASONS),
    sentence: text,
    look: look.optional(),
    settled: z.boolean(),
    nextLookAt: millis.optional(),
    inForceFrom: millis.optional(),
    inForceTo: millis.optional(),
    groups: z
      .object({
        treatedBefore: z.number(),
        treatedAfter: z.number(),
        controlBefore: z.number(),
        controlAfter: z.number(),
        control: z.enum(['siblings', 'others', 'weak', 'none']),
        beforeFrom: millis,
        beforeTo: millis,
        afterFrom: millis,
        afterTo: millis,
      })
      .optional(),
    indicators: z.array(indicator),
    restores: text.optional(),
    silent: z.array(silentSpan),
  })
  .openapi('Impact');

export const impactInvestigation = z
  .object({ change: configChange, impact, oneIn, changesCut })
  .openapi('ImpactInvestigation');

export const impactBody = z
  .strictObject({
    id: z.string('the id of a change').min(1, 'the id of a change').max(128),
    environment: environment.optional().openapi({
      description: 'only for changes of the whole organization: whose requests are looked at',
    }),
  })
  .openapi('ImpactBody');

const texts = (what: string) =>
  z.array(z.string(what).max(API_LIMITS.valueCharacters.value), `a list of ${what}`).max(API_LIMITS.filterValues.value);

export const incidentBody = z
  .strictObject({
    ...range,
    environment: environment.optional().openapi({ description: 'id or name; needed by who may see several' }),
    start: z
      .number('a time in milliseconds since 1970')
      .optional()
      .openapi({ description: 'when the trouble began; found by itself when absent' }),
    end: z.number('a time in milliseconds since 1970').optional(),
    models: texts('names of models').optional().openapi({ description: 'requested, served or tried' }),
    apiKeyIds: texts('ids of caller keys').optional(),
    outcomes: z.array(z.enum(OUTCOMES, `one of ${OUTCOMES.join(', ')}`), 'a list of outcomes').optional(),
    errorClasses: texts('error classes').optional(),
    statuses: z
      .array(whole('a status', 0, 999), 'a list of statuses')
      .max(API_LIMITS.filterValues.value)
      .optional(),
  })
  .openapi('IncidentBody');

const candidate = z
  .object({
    kind: z.enum(['change', 'provider', 'caller', 'no_change']),
    id: text,
    name: text,
    score: z.number(),
    relative: share.openapi({ description: 'evidence beside the other candidates, not a probability of cause' }),
    parts: z.object({
      strength: z.number(),
      onset: z.number(),
      lag: z.number(),
      mechanism: z.number(),
      echo: z.number(),
      prior: z.number(),
    }),
    sentence: text,
    bystander: z.boolean().openapi({ description: 'near in time, and no explanation' }),
  })
  .openapi('Candidate');

/** `Incident`. */
export const incident = z
  .object({
    start: millis,
    end: millis.optional().openapi({ description: 'absent while it goes on' }),
    symptoms: z.array(
      z.object({
        kind: z.enum(INDICATOR_KINDS),
        errorClass: text.optional(),
        status: z.number().optional(),
        outcome: z.enum(OUTCOMES).optional(),
        label: text,
        start: millis,
        end: millis,
        bad: z.number(),
        total: z.number(),
        models: z.array(text),
        apiKeyIds: z.array(text),
      }),
    ),
    bad: z.number(),
    total: z.number(),
    candidates: z.array(candidate).openapi({ description: 'best first' }),
    sentence: text,
  })
  .openapi('Incident');

export const incidentInvestigation = z
  .object({
    incidents: z.array(incident).openapi({ description: 'by start' }),
    changes: z.array(configChange).openapi({ description: 'those that are candidates' }),
    oneIn,
    requests: z.number().int().optional().openapi({
      description: 'requests of the range that were looked at; 0: nothing is known of it, not that all was well',
    }),
    silent: z.array(silentSpan).optional().openapi({
      description: 'times in which a feed of changes told nothing: candidates may be missing',
    }),
    changesCut,
  })
  .openapi('IncidentInvestigation');
