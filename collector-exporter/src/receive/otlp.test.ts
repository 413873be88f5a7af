import { gzipSync } from 'node:zlib';
import { StreamFullError } from '@aisix-observability/pipeline';
import { beforeEach, describe, expect, it } from 'vitest';
import { OTLP } from '../decode/otlpMessages.ts';
import { DECODE_METRICS } from '../decode/tally.ts';
import { protobufOf } from '../decode/testing/protobufOf.ts';
import {
  AFTER_RECORDINGS,
  RECORDED,
  RECORDINGS,
  type RecordedTraces,
  recordedTraces,
} from '../decode/testing/recordings.ts';
import { type OtlpReceiverOptions, otlpReceiver } from './otlp.ts';
import { RECEIVE_METRICS } from './receiver.ts';
import { type Bench, createBench } from './testing/bench.ts';

const NOW = AFTER_RECORDINGS;
const [FIRST] = recordedTraces('suite') as [RecordedTraces];

let bench: Bench;
beforeEach(() => {
  bench = createBench(NOW);
});

function receiver(changes: Partial<OtlpReceiverOptions> = {}) {
  return otlpReceiver({
    ...bench,
    tokens: [
      { token: 'collector-token', environment: 'env-prod', dataPlane: 'dp-1' },
      { token: 'another-token', environment: 'env-eu' },
    ],
    ...changes,
  });
}

interface Post {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly options?: Partial<OtlpReceiverOptions>;
}

function post({ body = JSON.stringify(FIRST), headers = {}, options }: Post = {}) {
  const all = { authorization: 'Bearer collector-token', 'content-type': 'application/json', ...headers };
  return receiver(options).request('http://localhost/v1/traces', {
    method: 'POST',
    headers: Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined),
    body: new Uint8Array(Buffer.from(body)),
  });
}

it('refuses a span that names a key twice and keeps the others; a body that does so elsewhere is refused whole', async () => {
  const text = JSON.stringify(FIRST);
  const spans = text.split('"traceId":').length - 1;
  const some = await post({ body: text.replace('"traceId":', '"traceId":"","traceId":') });
  expect(await some.json()).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'duplicate_key: expected each key of an object once' },
  });
  expect(bench.deliveries[0]?.reports ?? []).toHaveLength(spans - 1);
  const whole = await post({ body: text.replace('"resourceSpans":', '"resourceSpans":[],"resourceSpans":') });
  expect([whole.status, await whole.json()]).toMatchObject([400, { error: { code: 'duplicate_key' } }]);
});

const PROTOBUF = { 'content-type': 'application/x-protobuf' };

function foreign(): RecordedTraces {
  const [resource] = FIRST.resourceSpans;
  const [scoped] = resource?.scopeSpans ?? [];
  if (scoped === undefined) throw new Error('no recording');
  return { resourceSpans: [{ scopeSpans: [{ ...scoped, scope: { name: 'my-app' } }, scoped] }] };
}

describe('OTLP over HTTP', () => {
  it.each([
    ['plain', (body: Uint8Array) => body, {}],
    ['gzip', (body: Uint8Array) => gzipSync(body), { 'content-encoding': 'gzip' }],
  ])('takes JSON and protobuf, %s, and answers in kind', async (_, pack, headers) => {
    const json = await post({ body: pack(Buffer.from(JSON.stringify(FIRST))), headers });
    expect(json.status).toBe(200);
    expect(json.headers.get('content-type')).toBe('application/json');
    expect(await json.json()).toEqual({});
    const protobuf = await post({ body: pack(protobufOf(FIRST)), headers: { ...headers, ...PROTOBUF } });
    expect(protobuf.status).toBe(200);
    expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf');
    expect((await protobuf.arrayBuffer()).byteLength).toBe(0);
    expect(bench.deliveries).toHaveLength(2);
    expect(bench.deliveries[0]).toEqual(bench.deliveries[1]);
    expect(bench.deliveries[0]).toMatchObject({
      input: 'otlp',
      environment: 'env-prod',
      dataPlane: 'dp-1',
      receivedAt: NOW,
    });
    expect(bench.deliveries[0]?.reports).toHaveLength(3);
    expect(bench.recorder.sum(RECEIVE_METRICS.reportsAccepted, { input: 'otlp' })).toBe(6);
  });

  it('knows environments apart by their tokens', async () => {
    await post({ headers: { authorization: 'bearer  another-token ' } });
    expect(bench.deliveries).toMatchObject([{ environment: 'env-eu' }]);
    expect(bench.deliveries[0]).not.toHaveProperty('dataPlane');
  });

  it('takes an empty request and stores nothing', async () => {
    for (const body of ['{}', '{"resourceSpans":[]}']) expect((await post({ body })).status).toBe(200);
    expect((await post({ body: '', headers: PROTOBUF })).status).toBe(200);
    expect((await post({ headers: { 'content-type': 'application/json; charset=utf-8' }, body: '{}' })).status).toBe(
      200,
    );
    expect(bench.deliveries).toEqual([]);
  });

  it('refuses other scopes through partial success, by name and number, in both encodings', async () => {
    const json = await post({ body: JSON.stringify(foreign()) });
    expect(json.status).toBe(200);
    const reply = await json.json();
    expect(reply).toEqual({
      partialSuccess: {
        rejectedSpans: '3',
        errorMessage: expect.stringMatching(/^foreign_scope: scope "my-app": .*3 refused$/),
      },
    });
    const protobuf = await post({ body: protobufOf(foreign()), headers: PROTOBUF });
    const decoded = OTLP.response.toObject(OTLP.response.decode(new Uint8Array(await protobuf.arrayBuffer())), {
      longs: String,
    });
    expect(decoded).toEqual(reply);
    expect(bench.deliveries.map(({ reports }) => reports.length)).toEqual([3, 3]);
    expect(bench.recorder.sum(DECODE_METRICS.reportRefused, { code: 'foreign_scope' })).toBe(6);
  });

  it('stores nothing when all of it is foreign', async () => {
    const body = JSON.stringify(FIRST).replaceAll('aisix-obs.otlp_http_sink', 'my-app');
    const response = await post({ body });
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '3' } });
    expect(bench.deliveries).toEqual([]);
  });

  it.each<[string, number, string, Post]>([
    ['no token', 401, 'unauthorized', { headers: { authorization: undefined } }],
    ['a wrong token', 401, 'unauthorized', { headers: { authorization: 'Bearer collector-tokem' } }],
    ['another scheme', 401, 'unauthorized', { headers: { authorization: 'Basic collector-token' } }],
    ['a token of megabytes', 401, 'unauthorized', { headers: { authorization: `Bearer ${'x'.repeat(5000)}` } }],
    ['text', 415, 'unsupported_media_type', { headers: { 'content-type': 'text/plain' } }],
    ['no type', 415, 'unsupported_media_type', { headers: { 'content-type': undefined } }],
    ['brotli', 415, 'unsupported_encoding', { headers: { 'content-encoding': 'br' } }],
    ['a body too large', 413, 'body_too_large', { options: { maxBytes: 100 } }],
    [
      'a body too large inside',
      413,
      'inflated_too_large',
      { body: gzipSync('x'.repeat(1000)), headers: { 'content-encoding': 'gzip' }, options: { maxInflatedBytes: 100 } },
    ],
    [
      'gzip cut short',
      400,
      'invalid_gzip',
      { body: gzipSync(JSON.stringify(FIRST)).subarray(0, 100), headers: { 'content-encoding': 'gzip' } },
    ],
    ['no gzip', 400, 'invalid_gzip', { headers: { 'content-encoding': 'gzip' } }],
    ['no JSON', 400, 'invalid_json', { body: 'hello sk-good-A' }],
    ['no UTF-8', 400, 'invalid_utf8', { body: new Uint8Array([0x22, 0xff, 0x22]) }],
    ['a million brackets', 400, 'too_deep', { body: '['.repeat(1e6) }],
    ['no request', 400, 'not_a_batch', { body: '[]' }],
    ['no protobuf', 400, 'invalid_protobuf', { body: JSON.stringify(FIRST), headers: PROTOBUF }],
  ])('refuses %s: %i %s', async (_, status, code, change) => {
    const response = await post(change);
    expect(response.status).toBe(status);
    expect(bench.deliveries).toEqual([]);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { input: 'otlp', code })).toBe(1);
    if (response.headers.get('content-type') === 'application/json') {
      const reply = (await response.json()) as { error: { message: string } };
      expect(reply).toEqual({
        error: { code, message: expect.any(String) },
        code: expect.any(Number),
        message: reply.error.message,
      });
      expect(JSON.stringify([reply, bench.lines, bench.records])).not.toContain('sk-good-A');
    } else {
      const decoded = OTLP.status.toObject(OTLP.status.decode(new Uint8Array(await response.arrayBuffer())));
      expect(decoded).toEqual({ code: 3, message: expect.stringContaining(code) });
    }
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
  });

  it('keeps a record of what could not be read', async () => {
    await post({ body: 'hello sk-good-A' });
    expect(bench.records).toEqual([
      { input: 'otlp', at: NOW, code: 'invalid_json', bytes: 15, sha256: expect.any(String), firstLine: '? ?' },
    ]);
  });

  it('asks to come again when the stream is full', async () => {
    bench.failure = new StreamFullError('deliveries', 1024, 11);
    for (const change of [{}, { body: protobufOf(FIRST), headers: PROTOBUF }]) {
      const response = await post(change);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('11');
    }
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { code: 'stream_full' })).toBe(2);
  });

  it('knows no other method or path', async () => {
    expect((await receiver().request('http://localhost/v1/traces')).status).toBe(404);
    expect((await receiver().request('http://localhost/v1/logs', { method: 'POST' })).status).toBe(404);
  });
});

describe.each(RECORDINGS)('the recorded posts of %s', (recording) => {
  it('are accepted', async () => {
    const app = receiver();
    const headers = {
      authorization: 'Bearer collector-token',
      'content-type': 'application/json',
      'user-agent': 'aisix-dp/0.3.0',
    };
    for (const traces of recordedTraces(recording)) {
      const response = await app.request('http://localhost/v1/traces', {
        method: 'POST',
        headers,
        body: JSON.stringify(traces),
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('{}');
    }
    expect(bench.reports()).toHaveLength(RECORDED[recording].spans);
    expect(bench.deliveries).toHaveLength(RECORDED[recording].posts);
  }, 60_000);
});
