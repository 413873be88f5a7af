import { modelName } from './generatedRequests.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** One thing that people ask. */
export interface Question {
  readonly name: string;
  /** Milliseconds. */
  readonly goal?: number;
  readonly path: string;
  body(run: number): object;
}

/**
 * @param end end of every range, epoch milliseconds.
 * @param samples ids that are there.
 */
export function questions(end: number, samples: readonly string[]): readonly Question[] {
  const day = { from: end - DAY, to: end };
  const week = { from: end - 7 * DAY, to: end };
  const search = '/requests/search';
  const volume = '/requests/volume';
  const metrics = '/requests/metrics';
  const byOutcome = { groupBy: ['outcome'], topN: 20 };
  return [
    { name: 'newest 1000, 7 d', goal: 90, path: search, body: () => ({ ...week, limit: 1000 }) },
    {
      name: 'newest 1000 with status and model, 24 h',
      goal: 40,
      path: search,
      body: () => ({
        ...day,
        filters: [
          { field: 'status', op: 'eq', value: 502 },
          { field: 'requestedModel', op: 'eq', value: modelName(3) },
        ],
        limit: 1000,
      }),
    },
    {
      name: 'newest 1000 that succeeded with a model, 24 h',
      path: search,
      body: () => ({
        ...day,
        filters: [
          { field: 'status', op: 'eq', value: 200 },
          { field: 'requestedModel', op: 'eq', value: modelName(50) },
        ],
        limit: 1000,
      }),
    },
    {
      name: 'by id, no time',
      goal: 10,
      path: '/requests/get',
      body: (run) => ({ environment: 'prod', requestId: samples[run % samples.length] }),
    },
    {
      name: 'by an id that does not exist',
      goal: 10,
      path: '/requests/get',
      body: (run) => ({ environment: 'prod', requestId: `missing-${run}` }),
    },
    {
      name: 'volume by outcome, 24 h in 30 min',
      goal: 30,
      path: volume,
      body: () => ({ ...day, ...byOutcome, intervalMs: HOUR / 2 }),
    },
    {
      name: 'volume by outcome, 7 d in 2 h',
      goal: 100,
      path: volume,
      body: () => ({ ...week, ...byOutcome, intervalMs: 2 * HOUR }),
    },
    {
      name: 'volume by outcome, 24 h in 1 min',
      path: volume,
      body: () => ({ ...day, ...byOutcome, intervalMs: 60_000 }),
    },
    {
      name: 'p95 by model, 24 h',
      goal: 100,
      path: metrics,
      body: () => ({ ...day, groupBy: ['requestedModel'], topN: 50, measures: ['p95'] }),
    },
    {
      name: 'p95 by model, 24 h in 30 min',
      goal: 100,
      path: metrics,
      body: () => ({ ...day, groupBy: ['requestedModel'], topN: 10, measures: ['p95'], intervalMs: HOUR / 2 }),
    },
    {
      name: 'p95 by model, 24 h, exact',
      path: metrics,
      body: () => ({ ...day, groupBy: ['requestedModel'], topN: 50, measures: ['p95'], exact: true }),
    },
    {
      name: 'tokens by caller key, 7 d',
      goal: 400,
      path: metrics,
      body: () => ({ ...week, groupBy: ['apiKeyId'], topN: 50, measures: ['tokens_in', 'tokens_out', 'cost'] }),
    },
    {
      name: 'volume by served model, 24 h in 30 min (rows)',
      path: volume,
      body: () => ({ ...day, groupBy: ['servedModel'], topN: 10, intervalMs: HOUR / 2 }),
    },
    {
      name: 'distinct models, 7 d',
      goal: 10,
      path: '/requests/values',
      body: () => ({ ...week, field: 'requestedModel', limit: 100 }),
    },
    {
      name: 'distinct caller keys, 7 d',
      goal: 10,
      path: '/requests/values',
      body: () => ({ ...week, field: 'apiKeyId', limit: 1000 }),
    },
    {
      name: 'free text that nothing has, 24 h',
      goal: 500,
      path: search,
      body: () => ({ ...day, text: 'no such words', limit: 100 }),
    },
    {
      name: 'free text of an error message, 24 h',
      goal: 500,
      path: search,
      body: () => ({ ...day, text: 'server had an error', limit: 1000 }),
    },
    {
      name: 'attempt 502 of a request with 200, 24 h',
      path: search,
      body: () => ({
        ...day,
        filters: [
          { field: 'attempt.status', op: 'eq', value: 502 },
          { field: 'status', op: 'eq', value: 200 },
        ],
        limit: 100,
      }),
    },
  ];
}
