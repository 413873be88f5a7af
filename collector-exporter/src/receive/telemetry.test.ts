import { gzipSync } from 'node:zlib';
import { StreamUnavailableError } from '@aisix-observability/pipeline';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AFTER_RECORDINGS,
  RECORDED,
  RECORDED_ENVIRONMENT,
  RECORDINGS,
  recordedTelemetry,
} from '../decode/testing/recordings.ts';
import { RECEIVE_METRICS } from './receiver.ts';
import { type TelemetryReceiverOptions, telemetryReceiver } from './telemetry.ts';
import { type Bench, createBench } from './testing/bench.ts';

const NOW = AFTER_RECORDINGS;
const EVENT = { request_id: 'r', occurred_at: '2026-11-23T11:00:00Z', attempt_index: 0, status_code: 200 };
const IDS: Readonly<Record<string, string>> = {
  prod: RECORDED_ENVIRONMENT,
  [RECORDED_ENVIRONMENT]: RECORDED_ENVIRONMENT,
  eu: 'env-eu',
};

let bench: Bench;
beforeEach(() => {
  bench = createBench(NOW);
});

function receiver(changes: Partial<TelemetryReceiverOptions> = {}) {
  return telemetryReceiver({
    ...bench,
    tokens: [
      { token: 'prod-token', environment: RECORDED_ENVIRONMENT, dataPlane: 'dp-1' },
      { token: 'shared-token', environment: RECORDED_ENVIRONMENT },
      { token: 'shared-token', environment: 'env-eu' },
    ],
    environmentOf: (nameOrId) => IDS[nameOrId],
    ...changes,
  });
}

it('refuses an event that names a key twice and keeps its neighbours; a body that does so is refused whole', async () => {
  const event = JSON.stringify(EVENT);
  const twice = event.replace('"status_code":200', '"status_code":200,"status_code":500');
  const some = await post({ body: `{"events":[${event},${twice},${event}]}` });
  expect(await some.json()).toEqual({
    accepted: 2,
    rejected: [{ index: 1, code: 'duplicate_key', message: 'expected each key of an object once' }],
  });
  const whole = await post({ body: `{"events":[${event}],"events":[]}` });
  expect([whole.status, await whole.json()]).toMatchObject([400, { error: { code: 'duplicate_key' } }]);
  expect(bench.deliveries).toHaveLength(1);
  expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { code: 'duplicate_key' })).toBe(1);
});

interface Post {
  readonly path?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly options?: Partial<TelemetryReceiverOptions>;
}

function post({
  path = '/dp/telemetry',
  body = JSON.stringify({ events: [EVENT] }),
  headers = {},
  options,
}: Post = {}) {
  const all = {
    authorization: 'Bearer prod-token',
    'x-aisix-environment': 'prod',
    'content-type': 'application/json',
    ...headers,
  };
  return receiver(options).request(`http://localhost${path}`, {
    method: 'POST',
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    body: new Uint8Array(Buffer.from(body)),
  });
}

describe('usage telemetry', () => {
  it('answers how many events are durable', async () => {
    const response = await post({ body: JSON.stringify({ events: [EVENT, EVENT] }) });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 2 });
    expect(bench.deliveries).toMatchObject([
      { input: 'telemetry', environment: RECORDED_ENVIRONMENT, dataPlane: 'dp-1', receivedAt: NOW },
    ]);
    expect(bench.deliveries[0]?.reports).toHaveLength(2);
  });

  it('names the events that it could not take, and keeps the others', async () => {
    const response = await post({
      body: JSON.stringify({ events: [EVENT, { ...EVENT, request_id: 'a b' }, 5, EVENT] }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      accepted: 2,
      rejected: [
        { index: 1, code: 'invalid_request_id', message: expect.any(String) },
        { index: 2, code: 'not_an_object', message: expect.any(String) },
      ],
    });
    expect(bench.lines).toHaveLength(1);
  });

  it('says 400 when it could take none', async () => {
    const response = await post({ body: JSON.stringify({ events: [5] }) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'nothing_usable', message: expect.stringContaining('event 0: not_an_object') },
      accepted: 0,
      rejected: [{ index: 0 }],
    });
    expect(bench.deliveries).toEqual([]);
  });

  it('takes an empty batch, and gzip', async () => {
    expect(await (await post({ body: '{"events":[]}' })).json()).toEqual({ accepted: 0 });
    expect(bench.deliveries).toEqual([]);
    const zipped = await post({
      body: gzipSync(JSON.stringify({ events: [EVENT] })),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(await zipped.json()).toEqual({ accepted: 1 });
  });

  it.each([
    ['by name', 'prod', 'Bearer prod-token', RECORDED_ENVIRONMENT],
    ['by id', RECORDED_ENVIRONMENT, 'Bearer prod-token', RECORDED_ENVIRONMENT],
    ['not at all, when the token has one', undefined, 'Bearer prod-token', RECORDED_ENVIRONMENT],
    ['one of the token', 'eu', 'Bearer shared-token', 'env-eu'],
    ['the other of the token', 'prod', 'Bearer shared-token', RECORDED_ENVIRONMENT],
  ])('lets the sender name its environment: %s', async (_, named, authorization, environment) => {
    const response = await post({ headers: { 'x-aisix-environment': named, authorization } });
    expect(response.status).toBe(200);
    expect(bench.deliveries[0]?.environment).toBe(environment);
  });

  it.each<[string, number, string, Post]>([
    ['no token', 401, 'unauthorized', { headers: { authorization: undefined } }],
    ['a wrong token', 401, 'unauthorized', { headers: { authorization: 'Bearer prod-tokem' } }],
    ['the environment of another token', 403, 'forbidden_environment', { headers: { 'x-aisix-environment': 'eu' } }],
    ['an environment of nobody', 403, 'forbidden_environment', { headers: { 'x-aisix-environment': 'mars' } }],
    [
      'no environment where there are two',
      400,
      'environment_required',
      { headers: { 'x-aisix-environment': undefined, authorization: 'Bearer shared-token' } },
    ],
    ['a body too large', 413, 'body_too_large', { options: { maxBytes: 20 } }],
    [
      'a body too large inside',
      413,
      'inflated_too_large',
      { body: gzipSync('x'.repeat(1000)), headers: { 'content-encoding': 'gzip' }, options: { maxInflatedBytes: 100 } },
    ],
    ['deflate', 415, 'unsupported_encoding', { headers: { 'content-encoding': 'deflate' } }],
    [
      'gzip cut short',
      400,
      'invalid_gzip',
      { body: gzipSync('{}').subarray(0, 12), headers: { 'content-encoding': 'gzip' } },
    ],
    ['no JSON', 400, 'invalid_json', { body: '{"events":[NaN]}' }],
    ['no UTF-8', 400, 'invalid_utf8', { body: new Uint8Array([0xc3, 0x28]) }],
    ['a million brackets', 400, 'too_deep', { body: `{"events":${'['.repeat(1e6)}` }],
    ['a list', 400, 'not_a_batch', { body: '[]' }],
    ['no events', 400, 'not_a_batch', { body: '{}' }],
    ['events that are no list', 400, 'not_a_batch', { body: '{"events":{}}' }],
    ['null', 400, 'not_a_batch', { body: 'null' }],
  ])('refuses %s: %i %s', async (_, status, code, change) => {
    const response = await post(change);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: { code, message: expect.any(String) } });
    expect(bench.deliveries).toEqual([]);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { input: 'telemetry', code })).toBe(1);
  });

  it('asks to come again when the disk refuses', async () => {
    bench.failure = new StreamUnavailableError('deliveries', 4, new Error('ENOSPC'));
    const response = await post();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('4');
    expect(await response.json()).toMatchObject({ error: { code: 'stream_unavailable' } });
  });

  it('takes heartbeats of those who may send', async () => {
    const response = await post({ path: '/dp/heartbeat', body: '{"dp_id":"x","uptime_seconds":1}' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
    expect(bench.recorder.sum(RECEIVE_METRICS.heartbeats)).toBe(1);
    expect((await post({ path: '/dp/heartbeat', headers: { authorization: undefined } })).status).toBe(401);
    expect(bench.recorder.sum(RECEIVE_METRICS.heartbeats)).toBe(1);
    expect(bench.deliveries).toEqual([]);
  });
});

describe.each(RECORDINGS)('the recorded batches of %s', (recording) => {
  it('are accepted', async () => {
    const app = receiver();
    const headers = {
      authorization: 'Bearer prod-token',
      'x-aisix-environment': RECORDED_ENVIRONMENT,
      'content-type': 'application/json',
    };
    for (const batch of recordedTelemetry(recording)) {
      const response = await app.request('http://localhost/dp/telemetry', {
        method: 'POST',
        headers,
        body: JSON.stringify(batch),
      });
      expect(await response.json()).toEqual({ accepted: batch.events.length });
    }
    expect(bench.reports()).toHaveLength(RECORDED[recording].events);
  }, 60_000);
});
