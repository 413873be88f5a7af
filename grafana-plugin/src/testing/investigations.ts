import {
  impactInvestigation,
  incidentInvestigation,
  requestExplanation,
} from '../../../server/src/api/contract/investigation.ts';

// Held to what the server says that it answers.

export const T = Date.parse('2026-11-23T06:00:00Z');

export const judgedChange = {
  id: 'c-1',
  occurredAt: T - 12_000,
  observedAt: T - 12_000,
  effective: [],
  action: 'rotate',
  resource: { kind: 'provider_key', id: 'pk-1', name: 'openai\u202e-prod' },
  environment: 'prod',
  paths: [],
  result: 'success',
  trust: 'signed',
  state: 'applied',
  foundLate: false,
  conflict: false,
  source: 'dashboard',
  verdict: { computed: { value: 'suspect', reason: 'worse_than_expected', look: '+1m', at: T } },
};

export const explanation = requestExplanation.parse({
  environment: 'prod',
  requestId: 'r-1',
  n: 0,
  startTime: T,
  outcome: 'provider_auth',
  status: 401,
  outcomeClass: 'provider_refused_key',
  sentence: 'The provider refused the key.\n<b>Not</b> the caller.',
  evidence: [{ code: 'attempt', text: 'Attempt 0: 401.', attempt: 0 }],
  configuration: { at: T, source: 'wanted', dataPlanes: [], complete: false },
  resources: [
    {
      kind: 'model',
      name: 'gpt',
      role: 'requested model',
      certain: true,
      standing: 'wanted_only',
      revision: 7,
      since: T - 5,
    },
  ],
  changes: [{ change: judgedChange, ageMs: 12_000, role: 'provider key', certain: true, met: 'in_force' }],
  changesSentence: 'The provider key was rotated 12 s before it.',
  attempts: [{ index: 0, kind: 'initial', model: 'gpt', dispatched: true, durationMs: 70, proves: 'It was reached.' }],
  unknowns: [{ code: 'feed_silent', text: 'The feed was silent.', from: T - 60_000 }],
});

export const incidents = incidentInvestigation.parse({
  incidents: [
    {
      start: T,
      symptoms: [
        {
          kind: 'outcome',
          label: 'upstream_status 401',
          start: T,
          end: T + 1,
          bad: 57,
          total: 398,
          models: [],
          apiKeyIds: [],
        },
      ],
      bad: 57,
      total: 398,
      candidates: [
        {
          kind: 'change',
          id: 'c-1',
          name: 'provider key openai-prod',
          score: -0.1,
          relative: 0.97,
          parts: { strength: 0, onset: 0, lag: 0, mechanism: 0, echo: 0, prior: 0 },
          sentence: 'All of it began with this change.',
          bystander: false,
        },
        {
          kind: 'no_change',
          id: 'no_change',
          name: 'no change explains it',
          score: -5,
          relative: 0.03,
          parts: { strength: -4, onset: 0, lag: 0, mechanism: 0, echo: 0, prior: -1 },
          sentence: 'Little speaks for it.',
          bystander: false,
        },
      ],
      sentence: '57 of 398 requests failed.',
    },
  ],
  changes: [judgedChange],
  oneIn: 1,
});

const counts = { bad: 3, total: 412 };

/** What a change did, with what a test wants different. */
export const weighed = (over: object = {}) =>
  impactInvestigation.parse({
    change: judgedChange,
    impact: {
      changeId: 'c-1',
      verdict: 'suspect',
      reason: 'worse_than_expected',
      sentence: '3 of 412 before, 57 of 398 after.',
      settled: false,
      nextLookAt: T + 60_000,
      look: { name: '+1m', afterMillis: 60_000, probability: 0.999 },
      silent: [],
      groups: {
        treatedBefore: 412,
        treatedAfter: 398,
        controlBefore: 412,
        controlAfter: 412,
        control: 'siblings',
        beforeFrom: T - 1_200_000,
        beforeTo: T,
        afterFrom: T,
        afterTo: T + 60_000,
      },
      indicators: [
        {
          kind: 'outcome',
          label: 'upstream_status 401',
          before: counts,
          after: { bad: 57, total: 398 },
          controlBefore: counts,
          controlAfter: counts,
          expected: 0.01,
          effect: 0.13,
          probabilityWorse: 0.9999,
          probabilityBetter: 0,
          probabilitySame: 0,
          mechanism: 1,
          newSignature: true,
          late: 0,
          elsewhere: 0,
        },
      ],
      ...over,
    },
    oneIn: 1,
  });
