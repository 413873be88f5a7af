import type { EvidenceStore, GatewayRequest, RequestFilter } from '@aisix-observability/evidence';
import type { OpenedStore, OpenStore } from '@aisix-observability/evidence/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientCall, loadClient, loadMeta, RECORDED_ENVIRONMENT, type StoryName } from '../recordings/index.ts';
import { applyAll, recordedNames, recordedRequests } from './recordedStore.ts';

const SCOPE = { environments: [RECORDED_ENVIRONMENT], visibility: {} } as const;

/** What the people who run a gateway want to know, asked of the recorded incidents and checked with the callers. */
export function describeQuestions(driver: string, open: OpenStore): void {
  describe(`operators' questions to the ${driver} store`, () => {
    const { start, end } = loadMeta('story');
    const opened: OpenedStore[] = [];
    const stores = {} as Record<StoryName, EvidenceStore>;

    beforeAll(async () => {
      for (const name of ['story', 'story-2'] as const) {
        const one = await open();
        opened.push(one);
        await one.store.setNames(recordedNames(name));
        await applyAll(one.store, recordedRequests(name).versions);
        stores[name] = one.store;
      }
    });
    afterAll(async () => {
      for (const one of opened) await one.close();
    });

    const search = async (name: StoryName, filters: readonly RequestFilter[], given: object = {}) => {
      const range = { from: 0, to: Date.UTC(2100, 0, 1) };
      const page = await stores[name].search({
        ...range,
        scope: SCOPE,
        filters,
        limit: 20_000,
        order: 'newest',
        ...given,
      });
      return JSON.parse(page.requests) as GatewayRequest[];
    };
    const ids = (requests: readonly GatewayRequest[]) => requests.map(({ requestId }) => requestId).toSorted();
    const called = (name: StoryName, which: (call: ClientCall) => boolean) =>
      loadClient(name)
        .filter(which)
        .map(({ id }) => id)
        .toSorted();

    it('did my request reach the gateway? By its id, as soon as it is written, then as it became', async () => {
      const live = await open();
      opened.push(live);
      const { versions } = recordedRequests('story');
      const first = versions.find(({ json }) => (JSON.parse(json) as GatewayRequest).state === 'open');
      const { requestId } = JSON.parse(first?.json ?? '') as GatewayRequest;
      const own = versions.filter(({ json }) => (JSON.parse(json) as GatewayRequest).requestId === requestId);
      const get = async () => {
        const page = await live.store.get({ scope: SCOPE, environment: RECORDED_ENVIRONMENT, requestId });
        return JSON.parse(page.requests) as GatewayRequest[];
      };
      expect(own.length).toBeGreaterThan(1);
      expect(await get()).toEqual([]);
      for (const version of own) {
        await live.store.apply([version], version.seq);
        expect(await get()).toEqual([JSON.parse(version.json)]);
      }
      expect((await get())[0]?.state).toBe('final');
    });

    it('did it, of all others? Every id that a caller was given', async () => {
      const sample = loadClient('story').filter(({ status }, at) => at % 400 === 0 && status !== 401);
      for (const { id, status, model } of sample) {
        const query = { scope: SCOPE, environment: RECORDED_ENVIRONMENT, requestId: id ?? '' };
        const page = await stores.story.get(query);
        expect(JSON.parse(page.requests)).toMatchObject([{ requestId: id, status, requestedModel: model }]);
      }
      expect(sample.length).toBeGreaterThan(20);
      const unknown = { scope: SCOPE, environment: RECORDED_ENVIRONMENT, requestId: 'never-sent' };
      expect((await stores.story.get(unknown)).count).toBe(0);
    });

    it('what did the provider say, attempt by attempt?', async () => {
      const failed = await search('story', [
        { field: 'attempt.errorMessage', op: 'contains', value: 'OVERLOADED' },
        { field: 'attemptCount', op: 'eq', value: 3 },
        { field: 'outcome', op: 'eq', value: 'provider_error' },
      ]);
      expect(ids(failed)).toEqual(called('story', ({ status }) => status === 502));
      for (const { attempts } of failed) {
        expect(attempts.map(({ index, kind }) => [index, kind])).toEqual([
          [0, 'initial'],
          [1, 'retry'],
          [2, 'retry'],
        ]);
        for (const attempt of attempts) {
          expect(attempt).toMatchObject({
            status: 502,
            errorClass: 'upstream_status',
            errorMessage: 'upstream returned HTTP 503: The engine is currently overloaded',
            providerKeyLabel: 'mistral-prod',
          });
        }
      }
      const refused = await search('story-2', [{ field: 'attempt.errorClass', op: 'eq', value: 'transport' }]);
      expect(refused.every(({ attempts }) => attempts[0]?.errorMessage?.includes('Connection refused'))).toBe(true);
      expect(ids(refused.filter(({ status }) => status === 502))).toEqual(
        called('story-2', ({ status, model }) => status === 502 && model === 'mistral-large'),
      );
    });

    it('was it the gateway’s own policy? 429, 422 and 403 never left it', async () => {
      const cases = [
        ['story', 429, 'rate_limited'],
        ['story', 422, 'guardrail_blocked'],
        ['story-2', 403, 'forbidden'],
      ] as const;
      for (const [name, status, outcome] of cases) {
        const found = await search(name, [
          { field: 'outcome', op: 'eq', value: outcome },
          { field: 'attemptCount', op: 'eq', value: 0 },
        ]);
        expect(ids(found)).toEqual(called(name, (call) => call.status === status));
      }
      const blocked = await search('story', [{ field: 'guardrail.name', op: 'eq', value: 'no-secrets' }]);
      expect(ids(blocked)).toEqual(called('story', ({ status }) => status === 422));
      expect(blocked.every(({ guardrail }) => guardrail?.blocked === true)).toBe(true);
      const limited = await search('story', [
        { field: 'apiKeyName', op: 'eq', value: 'team-batch' },
        { field: 'status', op: 'eq', value: 429 },
      ]);
      expect(limited).toHaveLength(called('story', ({ status }) => status === 429).length);
    });

    it('where was it routed, and did it fail over?', async () => {
      for (const name of ['story', 'story-2'] as const) {
        for (const served of ['gpt-4o', 'backup-small']) {
          const routed = await search(name, [
            { field: 'requestedModel', op: 'eq', value: 'smart' },
            { field: 'servedModel', op: 'eq', value: served },
          ]);
          expect(ids(routed)).toEqual(called(name, (call) => call.model === 'smart' && call.served === served));
        }
      }
      const over = await search('story-2', [
        { field: 'attempt.kind', op: 'eq', value: 'fallback' },
        { field: 'attempt.outcome', op: 'eq', value: 'provider_timeout' },
        { field: 'outcome', op: 'eq', value: 'success' },
      ]);
      expect(over).toHaveLength(62);
      for (const { requestedModel, servedModel, attempts } of over) {
        expect([requestedModel, servedModel]).toEqual(['smart', 'backup-small']);
        expect(attempts.map(({ kind, model, status }) => [kind, model, status])).toEqual([
          ['initial', 'gpt-4o', 504],
          ['fallback', 'backup-small', 200],
        ]);
      }
    });

    it('was it tried again?', async () => {
      const retried = await search('story', [
        { field: 'attempt.kind', op: 'eq', value: 'retry' },
        { field: 'status', op: 'eq', value: 200 },
      ]);
      const tried = recordedRequests('story').requests.filter(
        ({ status, attempts }) => status === 200 && attempts.some(({ kind }) => kind === 'retry'),
      );
      expect(ids(retried)).toEqual(ids(tried));
      const never = await search('story', [{ field: 'attempt.kind', op: 'nin', value: ['retry', 'fallback'] }]);
      const more = await search('story', [{ field: 'attemptCount', op: 'gte', value: 2 }]);
      expect(never.length + more.length).toBe(recordedRequests('story').requests.length);
    });

    it('which of one key and model failed in these minutes? In one environment only', async () => {
      const window = { from: start + 150_000, to: start + 215_000 };
      const filters: readonly RequestFilter[] = [
        { field: 'environment', op: 'eq', value: RECORDED_ENVIRONMENT },
        { field: 'status', op: 'eq', value: 401 },
        { field: 'requestedModel', op: 'in', value: ['gpt-4o', 'gpt-4o-mini'] },
        { field: 'apiKeyName', op: 'eq', value: 'team-web' },
      ];
      const expected = called(
        'story',
        ({ t0, status, model, key }) =>
          t0 >= window.from && t0 < window.to && status === 401 && key === 'web' && model.startsWith('gpt-4o'),
      );
      expect(expected.length).toBeGreaterThan(100);
      expect(ids(await search('story', filters, window))).toEqual(expected);
      expect(
        await search('story', filters, { ...window, scope: { environments: ['another'], visibility: {} } }),
      ).toEqual([]);
      expect(await search('story', filters, { from: end + 60_000, to: end + 120_000 })).toEqual([]);
    });
  });
}
