import { isDeepStrictEqual } from 'node:util';
import type { EvidenceStore, MetricsQuery, RequestField, SeriesAnswer } from '@aisix-observability/evidence';
import type { OpenedStore, OpenStore } from '@aisix-observability/evidence/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadClient, loadMeta, loadTelemetry, RECORDED_ENVIRONMENT, STORIES } from '../recordings/index.ts';
import { inBatches } from '../spans/assembledRecording.ts';
import { applyAll, recordedNames, recordedRequests } from './recordedStore.ts';

const MINUTE = 60_000;
const SCOPE = { environments: [RECORDED_ENVIRONMENT], visibility: {} } as const;

type Counts = Readonly<Record<string, number>>;

function countBy<T>(items: readonly T[], nameOf: (item: T) => string | number | null | undefined): Counts {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const name = String(nameOf(item) ?? '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Counts by the label of one field; the group without it is named ''. */
function countsIn({ series }: SeriesAnswer, field: RequestField): Counts {
  return Object.fromEntries(
    series.map(({ labels, values }) => [labels[field] ?? '', values.reduce<number>((sum, one) => sum + (one ?? 0), 0)]),
  );
}

/** What callers got in the stories, by the status that they saw (fixtures' README). */
const OUTCOME_OF_STATUS: Readonly<Record<number, string>> = {
  200: 'success',
  401: 'provider_auth',
  403: 'forbidden',
  404: 'not_found',
  422: 'guardrail_blocked',
  429: 'rate_limited',
  502: 'provider_error',
  504: 'provider_timeout',
};

/** Whole recordings in a store: the numbers are those that the callers of the gateway counted. */
export function describeRecordings(driver: string, open: OpenStore): void {
  describe.each(STORIES)(`%s in the ${driver} store`, (name) => {
    const { start, end } = loadMeta(name);
    const range = { from: Math.floor(start / MINUTE) * MINUTE, to: end + MINUTE };
    const ids = new Set(recordedRequests(name).requests.map(({ requestId }) => requestId));
    const calls = loadClient(name).filter(({ id }) => ids.has(id ?? ''));
    let opened: OpenedStore;
    let store: EvidenceStore;

    const counts = async (field: RequestField) => {
      const query = { ...range, scope: SCOPE, filters: [], groupBy: [field], topN: 100, intervalMs: MINUTE };
      return countsIn(await store.volume(query), field);
    };

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
      await store.setNames(recordedNames(name));
      await applyAll(store, recordedRequests(name).versions);
    });
    afterAll(() => opened?.close());

    const holdsTheRecording = () => {
      it('has every request once, none open', async () => {
        const { requests, openRequests, position, days } = await store.stats();
        expect([requests, openRequests]).toEqual([name === 'story' ? 12_827 : 15_423, 0]);
        expect(calls).toHaveLength(requests);
        expect([position, days]).toEqual([recordedRequests(name).versions.length, 1]);
      });

      it('counts by status, outcome, requested model and caller key are those of the callers', async () => {
        expect(await counts('status')).toEqual(countBy(calls, ({ status }) => status));
        expect(await counts('outcome')).toEqual(countBy(calls, ({ status }) => OUTCOME_OF_STATUS[status]));
        expect(await counts('requestedModel')).toEqual(countBy(calls, ({ model }) => model));
        expect(await counts('apiKeyName')).toEqual(countBy(calls, ({ key }) => `team-${key}`));
        const served = calls.filter(({ status }) => status === 200);
        const { '': failed, ...byModel } = await counts('servedModel');
        expect(byModel).toEqual(countBy(served, (call) => call.served ?? call.model));
        expect(failed).toBe(calls.length - served.length);
      });

      it('counts by minute are those of the requests, and of the callers but for the way there', async () => {
        const query = { ...range, scope: SCOPE, filters: [], groupBy: [], topN: 1, intervalMs: MINUTE };
        const { buckets, series } = await store.volume(query);
        const started = countBy(recordedRequests(name).requests, (request) => Math.floor(request.startTime / MINUTE));
        expect(series[0]?.values).toEqual(buckets.map((bucket) => started[bucket / MINUTE] ?? 0));
        const called = countBy(calls, ({ t0 }) => Math.floor(t0 / MINUTE));
        buckets.forEach((bucket, at) => {
          const difference = (series[0]?.values[at] ?? 0) - (called[bucket / MINUTE] ?? 0);
          // A call made some milliseconds before the minute was received after it.
          expect(Math.abs(difference)).toBeLessThanOrEqual(3);
        });
      });

      it('metrics by model are those of the requests', async () => {
        const query: MetricsQuery = {
          ...range,
          scope: SCOPE,
          filters: [],
          groupBy: ['requestedModel'],
          topN: 10,
          measures: ['count', 'error_ratio', 'tokens_in', 'tokens_out'],
        };
        const { series } = await store.metrics(query);
        const of = (model: string) =>
          Object.fromEntries(
            series.flatMap((line) => (line.labels.requestedModel === model ? [[line.measure, line.values[0]]] : [])),
          );
        for (const model of Object.keys(countBy(calls, (call) => call.model))) {
          const own = recordedRequests(name).requests.filter(({ requestedModel }) => requestedModel === model);
          const failed = calls.filter((call) => call.model === model && [401, 502, 504].includes(call.status));
          const sum = (which: 'input' | 'output') =>
            own.reduce((total, { tokens }) => total + (tokens?.[which] ?? 0), 0);
          expect(of(model)).toEqual({
            count: own.length,
            error_ratio: expect.closeTo(failed.length / own.length, 9),
            tokens_in: sum('input'),
            tokens_out: sum('output'),
          });
        }
      });

      it('reads back every request as it was written', async () => {
        const found = new Map<string, unknown>();
        for (let after: string | undefined; ; ) {
          const page = await store.read({ ...range, limit: 2_000, ...(after !== undefined && { after }) });
          for (const json of page.requests) {
            const request = JSON.parse(json) as { requestId: string };
            found.set(request.requestId, request);
          }
          if (page.next === undefined) break;
          after = page.next;
        }
        expect(found.size).toBe(ids.size);
        const different = recordedRequests(name).requests.filter(
          (request) => !isDeepStrictEqual(found.get(request.requestId), request),
        );
        expect(different.map(({ requestId }) => [found.get(requestId), requestId]).slice(0, 3)).toEqual([]);
      });
    };

    describe('as it was written', holdsTheRecording);

    describe('after opening again', () => {
      beforeAll(async () => {
        store = await opened.reopen();
      });
      holdsTheRecording();
    });

    describe('after the last part was written again', () => {
      beforeAll(async () => {
        const { versions } = recordedRequests(name);
        for (const batch of inBatches(versions.slice(-5_000), 700)) await store.apply(batch, versions.length);
      });
      holdsTheRecording();
    });
  });

  describe.each([
    ['usage events', ['usage'], 1_026],
    ['both feeds', ['usage', 'span'], 1_027],
  ] as const)(`suite of %s in the ${driver} store`, (_, feeds, total) => {
    const { requests, versions } = recordedRequests('suite', feeds);
    let opened: OpenedStore;
    let store: EvidenceStore;
    const range = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) };
    beforeAll(async () => {
      opened = await open();
      await applyAll(opened.store, versions);
      store = await opened.reopen();
    });
    afterAll(() => opened?.close());

    it('has every request once', async () => {
      expect((await store.stats()).requests).toBe(total);
    });

    it('counts by protocol are those of the events', async () => {
      const events = loadTelemetry('suite').flatMap(({ body }) => body.events);
      const protocols = new Map(events.map((event) => [event.request_id, event.inbound_protocol]));
      const query = { ...range, scope: SCOPE, filters: [], groupBy: ['protocol' as const], topN: 50 };
      const found = countsIn(await store.metrics({ ...query, measures: ['count'] }), 'protocol');
      const told = requests.filter(({ requestId }) => protocols.has(requestId));
      const { '': untold = 0, ...named } = found;
      expect(named).toEqual(
        countBy(
          told.filter(({ requestId }) => protocols.get(requestId)),
          ({ requestId }) => protocols.get(requestId),
        ),
      );
      expect(untold).toBe(total - Object.values(named).reduce((sum, one) => sum + one, 0));
    });

    it('searching finds every request as it was written', async () => {
      const search = { ...range, scope: SCOPE, filters: [], limit: 5_000, order: 'oldest' as const };
      const found = JSON.parse((await store.search(search)).requests) as { requestId: string; traceId?: string }[];
      const key = ({ requestId, traceId }: (typeof found)[number]) => `${requestId} ${traceId}`;
      const byKey = (list: typeof found) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
      expect(byKey(found)).toEqual(byKey([...requests]));
    });
  });
}
