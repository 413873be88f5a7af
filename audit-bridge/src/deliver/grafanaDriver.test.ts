import { systemClock } from '@aisix-observability/pipeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGrafanaClient, type Fetch } from './grafanaClient.ts';
import { createGrafanaDriver } from './grafanaDriver.ts';

const { signal } = new AbortController();
const NOW = 1_767_268_800_123;
const annotation = { time: NOW, timeEnd: NOW, text: 'x', tags: ['aisix'] };

function rig(answer: Fetch) {
  const urls: string[] = [];
  const client = createGrafanaClient({
    baseUrl: 'http://grafana',
    token: 'canary',
    userAgent: 'test',
    clock: { ...systemClock, now: () => NOW },
    fetch: (url, init) => {
      urls.push(`${init.method} ${url}`);
      return answer(url, init);
    },
  });
  return { driver: createGrafanaDriver(client), urls };
}
const json = (body: unknown, status = 200, headers = {}) =>
  rig(async () => new Response(JSON.stringify(body), { status, headers }));

describe('ids that are none of an annotation', () => {
  it.each(['0', '-1', '', ' ', '1e3', '01', '0x1', '1.5', '9007199254740993', '../0', '1/../0', 'NaN'])(
    'are never sent: %j',
    async (id) => {
      const { driver, urls } = json({});
      await expect(driver.read(id, signal)).rejects.toThrow(RangeError);
      await expect(driver.remove(id, signal)).rejects.toThrow(RangeError);
      await expect(driver.update(id, annotation, signal)).rejects.toThrow(RangeError);
      expect(urls).toEqual([]);
    },
  );

  it.each([0, -1, 1.5, '7', null, 2 ** 53])('are not believed: %j', async (id) => {
    const stored = { id, time: NOW, timeEnd: NOW, text: 'x', tags: ['aisix'] };
    expect(await json({ id }).driver.create(annotation, signal)).toMatchObject({ kind: 'failed', written: 'unknown' });
    expect(await json(stored).driver.read('7', signal)).toMatchObject({ kind: 'failed' });
    expect(await json([stored]).driver.find(['aisix'], signal)).toMatchObject({ kind: 'failed' });
  });
});

it.each([{ time: Math.floor(NOW / 1_000) }, { timeEnd: NOW - 1 }, { time: NOW + 0.5 }, { text: '' }])(
  'what Grafana would take for something else is not sent: %j',
  async (wrong) => {
    const { driver, urls } = json({ id: 7 });
    expect(await driver.create({ ...annotation, ...wrong }, signal)).toMatchObject({ kind: 'refused' });
    expect(await driver.update('7', { ...annotation, ...wrong }, signal)).toMatchObject({ kind: 'refused' });
    expect(urls).toEqual([]);
  },
);

describe('a search', () => {
  it('asks for each tag once, and believes only what has them all', async () => {
    const item = (id: number, tags: string[]) => ({ id, time: NOW, timeEnd: NOW, text: 'x', tags });
    const { driver, urls } = json([item(1, ['aisix', 'evt_1']), item(2, ['aisix'])]);
    const found = await driver.find(['aisix', 'evt_1', 'aisix'], signal);
    expect(found).toMatchObject({ kind: 'done', value: [{ id: '1' }] });
    expect(urls).toEqual(['GET http://grafana/api/annotations?tags=aisix&tags=evt_1&type=annotation&limit=100']);
  });
});

describe('an answer', () => {
  it.each([
    [429, { 'retry-after': '3' }, { kind: 'failed', written: 'no', retryAfterMillis: 3_000 }],
    [503, { 'retry-after': new Date(NOW + 5_000).toUTCString() }, { kind: 'failed', retryAfterMillis: 4_877 }],
    [503, { 'retry-after': 'soon' }, { kind: 'failed', written: 'unknown' }],
    [500, {}, { kind: 'failed', written: 'unknown', message: '500: said' }],
    [401, {}, { kind: 'blocked', message: '401: the token was not accepted: said' }],
    [
      403,
      {},
      { kind: 'blocked', message: '403: the token lacks annotations:create on annotations:type:organization: said' },
    ],
    [404, {}, { kind: 'blocked' }],
    [307, { location: 'http://elsewhere' }, { kind: 'blocked' }],
    [400, {}, { kind: 'refused', reason: 'contents', message: '400: said' }],
    [422, {}, { kind: 'refused', reason: 'contents', message: '422: said' }],
    [407, {}, { kind: 'blocked', message: '407: a proxy in between asks for credentials: said' }],
    [409, {}, { kind: 'failed', written: 'unknown', message: '409: said' }],
    [413, {}, { kind: 'failed', written: 'unknown' }],
    [425, { 'retry-after': '3' }, { kind: 'failed', written: 'unknown', retryAfterMillis: 3_000 }],
  ])('of %i with %j', async (status, headers, outcome) => {
    const { driver } = json({ message: 'said' }, status, headers);
    expect(await driver.create(annotation, signal)).toMatchObject(outcome);
  });

  it.each([400, 402, 407, 409, 413, 418, 422, 423, 425, 428, 431, 451, 499])(
    'of %i that is none of Grafana never finishes a marker',
    async (status) => {
      for (const body of ['<html>bad request</html>', '', '{}', '[]', '"no"', '{"message":7}', '{"error":"no"}']) {
        const { driver } = rig(async () => new Response(body, { status }));
        const outcome = await driver.create(annotation, signal);
        expect(outcome.kind).toBe(status === 407 ? 'blocked' : 'failed');
      }
    },
  );

  it.each([401, 403, 400, 500])('of %i that quotes a token is told without it', async (status) => {
    const message = 'unknown token canary, nor glsa_AbCdEfGh12345678AbCdEfGh12345678_0a1b2c3d, at https://me:pw@host/';
    const outcome = await json({ message }, status).driver.create(annotation, signal);
    expect(JSON.stringify(outcome)).toContain('unknown token');
    expect(JSON.stringify(outcome)).not.toMatch(/canary|glsa_A|:pw/);
  });

  it('of 404 to one annotation says that it is not there', async () => {
    expect(await json({}, 404).driver.read('7', signal)).toEqual({ kind: 'missing' });
  });

  it('of an organization that may not be asked for is no fault', async () => {
    expect(await json({}, 403).driver.organization(signal)).toEqual({ kind: 'done', value: undefined });
  });

  it('of any bytes and any status never throws, and never says that it was done', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 200, max: 599 }), async (body, status) => {
        const empty = [204, 205, 304].includes(status);
        const { driver } = rig(async () => new Response(empty ? null : Buffer.from(body), { status }));
        const outcome = await driver.create(annotation, signal);
        if (outcome.kind === 'done') expect(JSON.parse(Buffer.from(body).toString())).toHaveProperty('id');
        expect(JSON.stringify(outcome)).not.toContain('canary');
      }),
    );
  });

  it('that breaks off in the middle is a lost one', async () => {
    const stream = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('{"id":')),
        pull: (controller) => controller.error(Object.assign(new Error('gone'), { code: 'ECONNRESET' })),
      });
    const { driver } = rig(async () => new Response(stream(), { status: 200 }));
    expect(await driver.create(annotation, signal)).toEqual({
      kind: 'failed',
      written: 'unknown',
      message: 'the connection failed: ECONNRESET',
    });
  });
});
