import type { GatewayRequest, SeriesAnswer } from '@aisix-observability/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientCall, loadClient, loadMeta, RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { applyAll, recordedNames, recordedRequests } from '../store/recordedStore.ts';
import { ApiRig, type SearchAnswer } from './apiRig.ts';
import { DRIVER_NAMES, DRIVERS, type OpenedDriver } from './drivers.ts';
import { OWNER } from './readers.ts';

// What operators ask of a log of requests, asked of a recorded incident evening (seconds of its script in comments),
// with what the callers saw as the answer.

const { start, end } = loadMeta('story');
const range = { from: start - 60_000, to: end + 60_000 };
const second = (seconds: number) => start + seconds * 1000;

let opened: OpenedDriver;
let rig: ApiRig;
const calls = loadClient('story');

const filter = (field: string, op: string, value: unknown) => ({ field, op, value });

async function search(body: object): Promise<readonly GatewayRequest[]> {
  const found: GatewayRequest[] = [];
  let cursor: string | undefined;
  do {
    const answer = await rig.post<SearchAnswer>('/requests/search', {
      ...range,
      limit: 1000,
      ...body,
      ...(cursor && { cursor }),
    });
    expect(answer.status).toBe(200);
    found.push(...answer.body.requests);
    cursor = answer.body.nextCursor;
  } while (cursor !== undefined);
  return found;
}

const ids = (requests: readonly { readonly requestId: string }[]) => requests.map(({ requestId }) => requestId).sort();
const seen = (holds: (call: ClientCall) => boolean) =>
  calls
    .filter((call) => call.id !== null && call.key !== 'wrong' && holds(call))
    .map(({ id }) => String(id))
    .sort();

describe.each(DRIVER_NAMES)('operators ask the %s store', (driver) => {
  beforeAll(async () => {
    opened = await DRIVERS[driver]();
    await applyAll(opened.store, recordedRequests('story').versions);
    await opened.store.setNames(recordedNames('story'));
    rig = new ApiRig({ store: opened.store });
  });
  afterAll(() => opened.close());

  it('did my request reach the gateway? by the id that the caller holds', async () => {
    const call = calls.find(({ status, stream }) => status === 200 && stream);
    const { body } = await rig.post<SearchAnswer>('/requests/get', { environment: 'prod', requestId: call?.id });
    expect(body.requests).toHaveLength(1);
    expect(body.requests[0]).toMatchObject({ requestId: call?.id, status: 200, outcome: 'success', stream: true });
    const unheard = calls.find(({ key }) => key === 'wrong');
    const none = await rig.post<SearchAnswer>('/requests/get', { environment: 'prod', requestId: unheard?.id });
    expect(none.body.requests).toEqual([]);
  });

  it('a live request is there as soon as the store applied it, while it is still open', async () => {
    const { store, close } = await DRIVERS[driver]();
    const live = new ApiRig({ store });
    const now = Date.now();
    await live.apply([
      {
        requestId: 'just-now',
        environment: RECORDED_ENVIRONMENT,
        n: 0,
        state: 'open',
        timing: 'reconstructed',
        startTime: now - 800,
        endTime: now - 300,
        durationMs: 500,
        status: 502,
        outcome: 'provider_error',
        revision: 0,
        feeds: ['usage'],
        attempts: [],
      },
    ]);
    const { body } = await live.post<SearchAnswer>('/requests/get', { environment: 'prod', requestId: 'just-now' });
    expect(body.requests).toMatchObject([{ state: 'open', status: 502 }]);
    await close();
  });

  it('what did each upstream attempt answer? 502 after retries, 360 to 420 s', async () => {
    const failed = await search({ filters: [filter('status', 'eq', 502)] });
    expect(ids(failed)).toEqual(seen(({ status }) => status === 502));
    const retried = failed.filter(({ attempts }) => attempts.length > 1);
    expect(retried.length).toBeGreaterThan(100);
    for (const { attempts } of retried) {
      expect(attempts.map(({ index }) => index)).toEqual(attempts.map((_, index) => index));
      for (const attempt of attempts) {
        expect(attempt.model).toBe('mistral-large');
        expect(attempt.errorClass).toBeTruthy();
        expect(attempt.outcome).not.toBe('success');
      }
    }
    const byMessage = await search({ text: failed[0]?.errorMessage ?? '', filters: [filter('status', 'eq', 502)] });
    expect(byMessage.length).toBeGreaterThan(0);
  });

  it('was it a policy? guardrail 422 and rate limit 429, apart from provider errors', async () => {
    const blocked = await search({ filters: [filter('outcome', 'eq', 'guardrail_blocked')] });
    expect(ids(blocked)).toEqual(seen(({ status }) => status === 422));
    expect(await search({ filters: [filter('guardrail.blocked', 'eq', true)] })).toHaveLength(blocked.length);
    const limited = await search({ filters: [filter('outcome', 'eq', 'rate_limited')] });
    expect(ids(limited)).toEqual(seen(({ status }) => status === 429));
    // Only the key that the policy names.
    expect(new Set(limited.map(({ apiKeyName }) => apiKeyName))).toEqual(new Set(['team-batch']));
  });

  it('which requests were served by another model than they asked for?', async () => {
    const fallbacks = await search({
      filters: [filter('attempt.kind', 'eq', 'fallback'), filter('outcome', 'eq', 'success')],
    });
    expect(fallbacks.length).toBeGreaterThan(10);
    for (const request of fallbacks) {
      expect(request).toMatchObject({ requestedModel: 'smart', servedModel: 'backup-small' });
      expect(request.attempts.at(0)).toMatchObject({ model: 'gpt-4o', status: expect.any(Number) });
      expect(request.attempts.at(0)?.outcome).not.toBe('success');
    }
    const others = await search({
      filters: [
        filter('requestedModel', 'eq', 'smart'),
        filter('servedModel', 'neq', 'gpt-4o'),
        filter('status', 'eq', 200),
      ],
    });
    expect(ids(others)).toEqual(
      seen(({ model, served, status }) => model === 'smart' && served === 'backup-small' && status === 200),
    );
    // Others went there at once: the gateway had set the first target aside.
    expect(ids(others)).toEqual(expect.arrayContaining(ids(fallbacks)));
  });

  it('whose fault were the 401s? the provider refused the key of the gateway, 150 to 210 s', async () => {
    const refused = await search({
      filters: [filter('status', 'eq', 401), filter('attempt.errorClass', 'eq', 'upstream_status')],
    });
    expect(ids(refused)).toEqual(seen(({ status }) => status === 401));
    expect(new Set(refused.map(({ outcome }) => outcome))).toEqual(new Set(['provider_auth']));
    const during = await search({ from: second(149), to: second(212), filters: [filter('status', 'eq', 401)] });
    expect(during).toHaveLength(refused.length);
  });

  it('by time, status, requested model and caller key, in one environment', async () => {
    const [from, to] = [second(270), second(330)];
    const found = await search({
      from,
      to,
      environment: 'prod',
      filters: [
        filter('status', 'in', [200, 429]),
        filter('requestedModel', 'eq', 'gpt-4o'),
        filter('apiKeyName', 'eq', 'team-batch'),
      ],
    });
    const truth = seen(
      ({ t0, status, model, key }) =>
        t0 >= from && t0 < to && [200, 429].includes(status) && model === 'gpt-4o' && key === 'batch',
    );
    // The caller's clock is up to some milliseconds before the gateway's: the edges may differ.
    expect(Math.abs(found.length - truth.length)).toBeLessThanOrEqual(2);
    expect(found.length).toBeGreaterThan(20);
    expect(await search({ environment: 'staging', limit: 1 }).catch((error: Error) => error.message)).toContain('403');
  });

  it('how many of each status, minute by minute, and the same in one number', async () => {
    const { body } = await rig.post<SeriesAnswer>('/requests/volume', {
      ...range,
      intervalMs: 60_000,
      groupBy: ['status'],
      topN: 3,
    });
    const sums = Object.fromEntries(
      body.series.map(({ labels, values }) => [
        labels.status ?? 'other',
        values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
      ]),
    );
    const count = (status: number) => seen((call) => call.status === status).length;
    expect(sums).toEqual({
      200: count(200),
      401: count(401),
      422: count(422),
      other: count(429) + count(404) + count(502),
    });
    // Without gaps, also where nothing was.
    expect(
      body.buckets.every((bucket, index) => index === 0 || bucket - (body.buckets[index - 1] ?? 0) === 60_000),
    ).toBe(true);
    expect(body.series[1]?.values.filter((value) => value === 0).length).toBeGreaterThan(5);
  });

  it('what is the share of errors and the p95 of each model, and what did each key cost?', async () => {
    const { body } = await rig.post<SeriesAnswer>('/requests/metrics', {
      ...range,
      measures: ['count', 'error_ratio', 'p95', 'tokens_in'],
      groupBy: ['requestedModel', 'apiKeyName'],
      exact: true,
      topN: 20,
    });
    expect(body.buckets).toHaveLength(1);
    const value = (measure: string) =>
      body.series.find(
        ({ labels, measure: of }) =>
          of === measure && labels.requestedModel === 'mistral-large' && labels.apiKeyName === 'team-web',
      )?.values[0];
    const truth = seen(({ model, key }) => model === 'mistral-large' && key === 'web').length;
    expect(value('count')).toBe(truth);
    expect(value('error_ratio')).toBeGreaterThan(0.02);
    expect(value('p95')).toBeGreaterThan(50);
    expect(value('tokens_in')).toBeGreaterThan(0);
  });

  it('which models, which keys? for the lists of a dashboard', async () => {
    const values = async (field: string) =>
      (await rig.post<{ values: { value: string }[] }>('/requests/values', { ...range, field })).body.values
        .map(({ value }) => value)
        .sort();
    expect(await values('requestedModel')).toEqual(['backup-small', 'gpt-4o', 'gpt-4o-mini', 'mistral-large', 'smart']);
    expect(await values('apiKeyName')).toEqual(['team-batch', 'team-mobile', 'team-web']);
    expect(await values('attempt.provider')).toEqual(expect.any(Array));
  });

  it('pages neither skip nor repeat while requests arrive, in both orders', async () => {
    const failed = recordedRequests('story').requests.filter(({ status }) => status !== 200);
    const { store, close } = await DRIVERS[driver]();
    const paging = new ApiRig({ store });
    await paging.apply(failed);
    const wanted = ids(failed);
    expect(wanted).toEqual(seen(({ status }) => status !== 200));
    for (const order of ['newest', 'oldest']) {
      const found: string[] = [];
      let cursor: string | undefined;
      let late = 0;
      do {
        const { body }: { body: SearchAnswer } = await paging.post<SearchAnswer>('/requests/search', {
          ...range,
          to: end,
          limit: 300,
          order,
          ...(cursor && { cursor }),
        });
        found.push(...body.requests.map(({ requestId }) => requestId));
        cursor = body.nextCursor;
        late += 1;
        const [like] = body.requests;
        // Newer than everything: before the first page of the newest.
        if (like !== undefined) {
          await paging.apply([{ ...like, requestId: `late-${order}-${late}`, startTime: end - 1, endTime: end }]);
        }
      } while (cursor !== undefined);
      const recorded = found.filter((id) => !id.startsWith('late-'));
      expect(recorded.toSorted()).toEqual(wanted);
      expect(new Set(found).size).toBe(found.length);
      expect(late).toBeGreaterThan(5);
    }
    await close();
  });

  it('sees personal fields as far as the reader may', async () => {
    const [clear] = (await rig.post<SearchAnswer>('/requests/search', { ...range, limit: 1 }, { reader: OWNER })).body
      .requests;
    const [hashed] = await search({ from: clear?.startTime, to: (clear?.startTime ?? 0) + 1 });
    expect(clear?.client?.address).toMatch(/^[\d.:a-f]+$/);
    expect(hashed?.client?.address).toMatch(/^hmac:/);
  });
});
