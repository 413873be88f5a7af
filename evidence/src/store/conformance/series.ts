import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUEST_FIELDS, type RequestField } from '../fields.ts';
import { MEASURES, type MetricsQuery, type SeriesAnswer, type VolumeQuery } from '../query.ts';
import { clearScope, everything, requestsOf } from './answers.ts';
import { FIELDS, selectionAmong } from './arbitraryQuery.ts';
import { DAY_MILLIS, FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { expectQuantilesNear, type Row } from './quantilesNear.ts';
import { type Conformance, Rig } from './rig.ts';
import { expectSameSeries } from './sameSeries.ts';
import { SAMPLE, sampleRig } from './sample.ts';

const MINUTE = 60_000;
const GROUPABLE = FIELDS.filter((field) => 'groupable' in REQUEST_FIELDS[field]);
const groupBy = fc.uniqueArray(
  fc.oneof(fc.constantFrom(...GROUPABLE), fc.constantFrom<RequestField>('outcome', 'requestedModel', 'apiKeyName')),
  { maxLength: 3 },
);
const topN = fc.constantFrom(0, 1, 3, 100);
/** Down to a minute, so that a week has at most some ten thousand buckets. */
const interval = fc.constantFrom(MINUTE, 7 * MINUTE, 3_600_000, 5_000_000, DAY_MILLIS, 10 * DAY_MILLIS);

/** Counts and measures over time. */
export function describeSeries(conformance: Conformance): void {
  describe('volume and metrics', () => {
    const rig = sampleRig(conformance);

    it('volume of any selection, by any fields', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          interval,
          groupBy,
          topN,
          async (selection, intervalMs, fields, top) => {
            const query: VolumeQuery = { ...selection, intervalMs, groupBy: fields, topN: top };
            expectSameSeries(await rig().store.volume(query), await rig().oracle.volume(query));
          },
        ),
        { numRuns: conformance.runs },
      );
    });

    it('volume without conditions, as a dashboard asks', async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...GROUPABLE), interval, topN, async (field, intervalMs, top) => {
          const query: VolumeQuery = {
            from: FIRST_DAY,
            to: FIRST_DAY + 5 * DAY_MILLIS,
            scope: clearScope('prod', 'staging'),
            filters: [],
            intervalMs,
            groupBy: [field],
            topN: top,
          };
          expectSameSeries(await rig().store.volume(query), await rig().oracle.volume(query));
        }),
        { numRuns: conformance.runs },
      );
    });

    it('exact metrics of any selection, by any fields', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          fc.option(interval, { nil: undefined }),
          groupBy,
          topN,
          fc.subarray([...MEASURES], { minLength: 1 }),
          async (selection, intervalMs, fields, top, measures) => {
            const query: MetricsQuery = {
              ...selection,
              ...(intervalMs !== undefined && { intervalMs }),
              groupBy: fields,
              topN: top,
              measures,
              exact: true,
            };
            expectSameSeries(await rig().store.metrics(query), await rig().oracle.metrics(query));
          },
        ),
        { numRuns: conformance.runs },
      );
    });

    it.each([[[]], [['requestedModel']], [['outcome']], [['requestedModel', 'outcome']], [['apiKeyId']]] as const)(
      'quantiles by %j lie within 5 % of the two nearest rows',
      async (fields: readonly RequestField[]) => {
        const query: MetricsQuery = {
          from: FIRST_DAY,
          to: FIRST_DAY + 5 * DAY_MILLIS,
          scope: clearScope('prod', 'staging'),
          filters: [],
          intervalMs: DAY_MILLIS,
          groupBy: fields,
          topN: 1_000,
          measures: ['p50', 'p95', 'p99', 'ttft_p95', 'count'],
        };
        const answer = await rig().store.metrics(query);
        const rows = requestsOf(await rig().oracle.search({ ...query, limit: 10_000, order: 'newest' }));
        expectQuantilesNear(answer, rows as unknown as readonly Row[], fields);
        expectSameSeries(onlyCounts(answer), onlyCounts(await rig().oracle.metrics(query)));
      },
    );
  });

  describe('series, by an example', () => {
    let rig: Rig;
    const query: MetricsQuery & VolumeQuery = {
      ...everything('prod'),
      from: FIRST_DAY + 30_000,
      to: FIRST_DAY + 3 * MINUTE,
      groupBy: [],
      topN: 10,
      intervalMs: MINUTE,
      measures: ['rate'],
      exact: true,
    };

    beforeAll(async () => {
      rig = await Rig.open(conformance);
      const at = (seconds: number, durationMs: number, given = {}) =>
        exampleRequest({ requestId: `${seconds}`, startTime: FIRST_DAY + seconds * 1000, durationMs, ...given });
      await rig.apply([
        at(0, 5_000),
        at(30, 100, { tokens: { input: 10 }, costUsd: 0.5, requestedModel: 'b' }),
        at(45, 200, { outcome: 'provider_error', tokens: { input: 5, output: 2 }, requestedModel: 'b' }),
        at(59.999_999, 400, { outcome: 'rate_limited', ttftMs: 40, requestedModel: 'a' }),
        at(179.999, 300, { state: 'open', outcome: 'unknown', requestedModel: 'c' }),
        at(180, 7_000),
      ]);
    });
    afterAll(() => rig?.close());

    it.each([
      // The first bucket has half a minute of the range.
      ['rate', [3 / 30, 0, 1 / 60]],
      ['count', [3, 0, 1]],
      ['error_ratio', [1 / 3, null, 1]],
      ['p50', [200, null, 300]],
      ['p95', [380, null, 300]],
      ['ttft_p95', [40, null, null]],
      ['tokens_in', [15, 0, 0]],
      ['tokens_out', [2, 0, 0]],
      ['cost', [0.5, 0, 0]],
    ] as const)('%s', async (measure, values) => {
      for (const store of rig.both) {
        expectSameSeries(await store.metrics({ ...query, measures: [measure] }), {
          buckets: [FIRST_DAY, FIRST_DAY + MINUTE, FIRST_DAY + 2 * MINUTE],
          series: [{ labels: {}, measure, values }],
          stats: { elapsedMs: 0, rows: 1, source: 'rows' },
        });
      }
    });

    it('the largest groups first, equal ones by name, the rest added up', async () => {
      for (const store of rig.both) {
        const answer = await store.volume({ ...query, intervalMs: 10 * MINUTE, groupBy: ['requestedModel'], topN: 2 });
        expect(answer.buckets).toEqual([FIRST_DAY]);
        expect(answer.series).toEqual([
          { labels: { requestedModel: 'b' }, values: [2] },
          { labels: { requestedModel: 'a' }, values: [1] },
          { labels: { other: 'true' }, values: [1] },
        ]);
      }
    });

    it('an absent value is a group without the label', async () => {
      for (const store of rig.both) {
        const answer = await store.volume({ ...query, from: FIRST_DAY, groupBy: ['requestedModel'], topN: 10 });
        expect(answer.series.map(({ labels }) => labels)).toEqual([
          { requestedModel: 'b' },
          {},
          { requestedModel: 'a' },
          { requestedModel: 'c' },
        ]);
      }
    });

    it('an empty range has no buckets, a range of nothing has zeros', async () => {
      for (const store of rig.both) {
        const none = await store.volume({ ...query, to: query.from, intervalMs: MINUTE });
        expect([none.buckets, none.series]).toEqual([[], [{ labels: {}, values: [] }]]);
        const quiet = { ...query, from: FIRST_DAY + 10 * MINUTE, to: FIRST_DAY + 12 * MINUTE, intervalMs: MINUTE };
        expect((await store.volume(quiet)).series).toEqual([{ labels: {}, values: [0, 0] }]);
        expect((await store.volume({ ...quiet, groupBy: ['outcome'] })).series).toEqual([]);
      }
    });
  });
}

function onlyCounts(answer: SeriesAnswer): SeriesAnswer {
  return { ...answer, series: answer.series.filter(({ measure }) => measure === 'count') };
}
