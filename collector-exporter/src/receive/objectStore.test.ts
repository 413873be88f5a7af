import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import { XMLParser } from 'fast-xml-parser';
import { beforeEach, describe, expect, it } from 'vitest';
import { DECODE_METRICS } from '../decode/tally.ts';
import {
  RECORDED,
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  recordedSecrets,
  recordedTelemetry,
  recordedUploads,
} from '../decode/testing/recordings.ts';
import { decodeUsageEvents } from '../decode/usageEvents.ts';
import { type ObjectStoreReceiverOptions, objectStoreReceiver } from './objectStore.ts';
import { RECEIVE_METRICS } from './receiver.ts';
import { type Bench, createBench } from './testing/bench.ts';
import { signed, type ToSign } from './testing/signUpload.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const HOST = 'logs.example:14318';
const PATH = '/gateway-logs/aisix/prod/dt%3D2026-11-23/hh%3D11/object.ndjson.gz';
const LINE = '{"request_id":"r","occurred_at":"2026-11-23T11:00:00Z","attempt_index":0,"status_code":200}';

let bench: Bench;
beforeEach(() => {
  bench = createBench(NOW);
});

function receiver(changes: Partial<ObjectStoreReceiverOptions> = {}) {
  return objectStoreReceiver({
    ...bench,
    accessKeys: [
      { id: 'AKIDEXAMPLE', secret: 'secretexample' },
      { id: 'AKIDOTHER', secret: 'another' },
    ],
    buckets: [
      { bucket: 'gateway-logs', prefix: 'aisix/prod', environment: 'env-prod', dataPlane: 'dp-1' },
      { bucket: 'gateway-logs', prefix: '/aisix/prod/eu/', environment: 'env-eu' },
      { bucket: 'whole', prefix: '', environment: 'env-whole' },
    ],
    ...changes,
  });
}

interface Put extends Partial<Omit<ToSign, 'body'>> {
  readonly body?: Uint8Array | string;
  /** Changes after signing; undefined takes a header away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly sent?: Uint8Array | string;
  readonly options?: Partial<ObjectStoreReceiverOptions>;
}

async function put({ body = gzipSync(`${LINE}\n`), headers = {}, sent, options, ...sign }: Put = {}) {
  const request = { method: 'PUT', path: PATH, query: '', host: HOST, at: NOW, body, ...sign };
  const all = Object.entries({ ...signed(request), ...headers }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const query = request.query === '' ? '' : `?${request.query}`;
  const carriesBody = request.method !== 'GET' && request.method !== 'HEAD';
  return receiver(options).request(`http://${HOST}${request.path}${query}`, {
    method: request.method,
    headers: all,
    ...(carriesBody ? { body: new Uint8Array(Buffer.from(sent ?? body)) } : {}),
  });
}

async function expectError(response: Response, status: number, code: string, message = /./): Promise<void> {
  const xml = new XMLParser().parse(await response.text());
  expect({ status: response.status, code: xml.Error?.Code }).toEqual({ status, code });
  expect(xml.Error.Message).toMatch(message);
  expect(response.headers.get('content-type')).toBe('application/xml');
  expect(bench.deliveries).toEqual([]);
}

describe('uploads', () => {
  it('stores an object under the environment of its prefix and answers with its MD5', async () => {
    const body = gzipSync(`${LINE}\n${LINE}\n`);
    const response = await put({ body });
    expect(response.status).toBe(200);
    expect(response.headers.get('etag')).toBe(`"${createHash('md5').update(body).digest('hex')}"`);
    expect(await response.text()).toBe('');
    expect(bench.deliveries).toMatchObject([
      {
        input: 'object_store',
        environment: 'env-prod',
        dataPlane: 'dp-1',
        receivedAt: NOW,
        reports: [{ requestId: 'r' }, { requestId: 'r' }],
      },
    ]);
    expect(bench.recorder.sum(RECEIVE_METRICS.reportsAccepted, { input: 'object_store' })).toBe(2);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesAccepted)).toBe(1);
    expect(bench.recorder.sum(RECEIVE_METRICS.receivedBytes)).toBe(body.length);
    expect(bench.lines).toEqual([]);
  });

  it.each([
    ['plain', '/whole/a.ndjson', `${LINE}\n`, {}],
    ['plain with an empty name for no encoding', '/whole/a', LINE, { 'content-encoding': 'identity' }],
    ['gzip by its encoding', '/whole/a', gzipSync(LINE), { 'content-encoding': 'gzip' }],
    ['gzip by its first bytes', '/whole/a.ndjson', gzipSync(LINE), {}],
    ['gzip in two members', '/whole/a.gz', Buffer.concat([gzipSync(LINE), gzipSync(`\n${LINE}`)]), {}],
  ])('takes %s', async (_, path, body, headers) => {
    expect((await put({ path, body, headers })).status).toBe(200);
    expect(bench.deliveries[0]?.environment).toBe('env-whole');
    expect(bench.deliveries[0]).not.toHaveProperty('dataPlane');
  });

  it.each([
    ['/gateway-logs/aisix/prod/x.gz', 'env-prod'],
    ['/gateway-logs/aisix/prod/eu/x.gz', 'env-eu'],
    ['/gateway-logs/aisix/prod/europe/x.gz', 'env-prod'],
    ['/gateway-logs/aisix%2Fprod%2Feu%2Fx.gz', 'env-eu'],
    ['/whole/%F0%9F%98%80/%25zz/x.gz', 'env-whole'],
  ])('finds the longest prefix of %s: %s', async (path, environment) => {
    expect((await put({ path })).status).toBe(200);
    expect(bench.deliveries[0]?.environment).toBe(environment);
  });

  it('stores nothing of an empty object and is content', async () => {
    expect((await put({ path: '/whole/empty.gz', body: '' })).status).toBe(200);
    expect((await put({ path: '/whole/empty.gz', body: gzipSync('\n') })).status).toBe(200);
    expect(bench.deliveries).toEqual([]);
  });

  it('keeps the good lines of a bad object, and says no when there is none', async () => {
    const mixed = await put({ body: gzipSync(`${LINE}\nnot json\n${LINE.replace('"r"', '""')}\n`) });
    expect(mixed.status).toBe(200);
    expect(bench.reports()).toHaveLength(1);
    expect(bench.recorder.sum(DECODE_METRICS.reportRefused, { input: 'object_store' })).toBe(2);
    expect(bench.lines).toEqual([
      {
        level: 'warn',
        message: 'Reports of a delivery were refused',
        fields: {
          input: 'object_store',
          code: 'invalid_json',
          refused: 2,
          reason: expect.any(String),
          environment: 'env-prod',
        },
      },
    ]);
    expect(bench.records.map(({ code }) => code)).toEqual(['invalid_json', 'invalid_request_id']);

    bench.deliveries.length = 0;
    const hopeless = await put({ body: gzipSync(`not json\n[]\n`) });
    await expectError(hopeless, 400, 'InvalidArgument', /line 1: invalid_json/);
  });

  it('answers only after the reports are durable', async () => {
    const gate = Promise.withResolvers<void>();
    bench.hold = gate.promise;
    let answered = false;
    const response = put().then((reply) => {
      answered = true;
      return reply;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    gate.resolve();
    expect((await response).status).toBe(200);
  });

  it.each([
    [new StreamFullError('deliveries', 1024, 7.2), 'SlowDown', '8'],
    [new StreamUnavailableError('deliveries', 3, new Error('ENOSPC')), 'ServiceUnavailable', '3'],
    [new Error('something with sk-good-A in it'), 'ServiceUnavailable', '5'],
  ])('asks to come again when storing fails: %s', async (failure, code, retryAfter) => {
    bench.failure = failure;
    const response = await put();
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    await expectError(response, 503, code);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { input: 'object_store' })).toBe(1);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesAccepted)).toBe(0);
    expect(JSON.stringify(bench.lines)).not.toContain('sk-good-A');
    bench.failure = undefined;
    expect((await put()).status).toBe(200);
  });
});

describe('what is refused', () => {
  const hash = 'x-amz-content-sha256';
  it.each<[string, number, string, Put]>([
    ['no signature', 403, 'AccessDenied', { headers: { authorization: undefined } }],
    ['another scheme', 400, 'AuthorizationHeaderMalformed', { headers: { authorization: 'AWS AKID:signature' } }],
    ['a bearer token', 400, 'AuthorizationHeaderMalformed', { headers: { authorization: 'Bearer x' } }],
    ['an unknown key', 403, 'InvalidAccessKeyId', { accessKey: 'AKIDNOBODY' }],
    ['a wrong secret', 403, 'SignatureDoesNotMatch', { secret: 'wrong' }],
    ['the secret of another key', 403, 'SignatureDoesNotMatch', { accessKey: 'AKIDOTHER' }],
    ['another date than signed', 403, 'SignatureDoesNotMatch', { headers: { 'x-amz-date': '20261123T115959Z' } }],
    ['another hash than signed', 403, 'SignatureDoesNotMatch', { headers: { [hash]: '0'.repeat(64) } }],
    ['another host than signed', 403, 'SignatureDoesNotMatch', { headers: { host: 'elsewhere' } }],
    ['a day that does not fit', 400, 'AuthorizationHeaderMalformed', { headers: { 'x-amz-date': '20261122T120000Z' } }],
    ['no date', 403, 'AccessDenied', { headers: { 'x-amz-date': undefined } }],
    ['a date in words', 403, 'AccessDenied', { headers: { 'x-amz-date': 'Mon, 23 Nov 2026 12:00:00 GMT' } }],
    ['a clock 15 min and 1 s behind', 403, 'RequestTimeTooSkewed', { at: NOW - 901_000 }],
    ['a clock 15 min and 1 s ahead', 403, 'RequestTimeTooSkewed', { at: NOW + 901_000 }],
    ['an unknown bucket', 404, 'NoSuchBucket', { path: '/nobody/x.gz' }],
    ['a prefix of nobody', 403, 'AccessDenied', { path: '/gateway-logs/aisix/production/x.gz' }],
    ['a key beside the prefix', 403, 'AccessDenied', { path: '/gateway-logs/aisix/prod' }],
    ['a body that was changed', 400, 'XAmzContentSHA256Mismatch', { sent: gzipSync('other') }],
    ['an unsigned body', 400, 'InvalidRequest', { contentSha256: 'UNSIGNED-PAYLOAD' }],
    ['no hash of the body', 400, 'InvalidRequest', { contentSha256: 'none' }],
    ['a body in signed chunks', 501, 'NotImplemented', { contentSha256: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }],
    ['a body in chunks with a trailer', 501, 'NotImplemented', { contentSha256: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }],
    ['the start of a multipart upload', 501, 'NotImplemented', { method: 'POST', query: 'uploads' }],
    ['a part of one', 501, 'NotImplemented', { query: 'partNumber=1&uploadId=x' }],
    ['the end of one', 501, 'NotImplemented', { method: 'POST', query: 'uploadId=x' }],
    ['a copy', 501, 'NotImplemented', { headers: { 'x-amz-copy-source': '/a/b' } }],
    ['an access list', 501, 'NotImplemented', { query: 'acl' }],
    ['a deletion', 501, 'NotImplemented', { method: 'DELETE' }],
    ['a form upload', 501, 'NotImplemented', { method: 'POST' }],
    ['a new bucket', 501, 'NotImplemented', { path: '/whole' }],
    ['a listing', 501, 'NotImplemented', { method: 'GET', path: '/whole', query: 'list-type=2&prefix=a' }],
    ['a download', 404, 'NoSuchKey', { method: 'GET', path: '/whole/a.gz' }],
    ['a presigned address', 501, 'NotImplemented', { query: 'X-Amz-Signature=abc' }],
    ['an old presigned address', 501, 'NotImplemented', { query: 'Signature=abc&AWSAccessKeyId=x' }],
    ['a path that is no text', 400, 'InvalidURI', { path: '/whole/%ff%fe' }],
    ['a path with a lone percent sign', 400, 'InvalidURI', { path: '/whole/100%' }],
    ['a key with detours', 400, 'InvalidURI', { path: '/whole/..%2F..%2Fetc%2Fpasswd' }],
    ['a key without end', 400, 'InvalidURI', { path: `/whole/${'k'.repeat(1025)}` }],
    ['an encoding that nobody sends', 501, 'NotImplemented', { headers: { 'content-encoding': 'br' } }],
    ['gzip cut short', 400, 'InvalidArgument', { body: gzipSync(`${LINE}\n`.repeat(50)).subarray(0, 60) }],
    ['no gzip under a name that says so', 400, 'InvalidArgument', { body: LINE }],
    ['an object too large', 400, 'EntityTooLarge', { options: { maxBytes: 50 } }],
    [
      'an object too large inside',
      400,
      'EntityTooLarge',
      { body: gzipSync('a'.repeat(1001)), options: { maxInflatedBytes: 1000 } },
    ],
    [
      'a plain object too large inside',
      400,
      'EntityTooLarge',
      { path: '/whole/a', body: 'a'.repeat(1001), options: { maxInflatedBytes: 1000 } },
    ],
  ])('%s: %i %s', async (_, status, code, change) => {
    await expectError(await put(change), status, code);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused, { input: 'object_store', code })).toBe(1);
    expect(bench.lines).toHaveLength(1);
  });

  it.each(['host', 'x-amz-date', 'x-amz-content-sha256'])('a signature that leaves out %s', async (name) => {
    const headers = signed({ path: PATH, host: HOST, at: NOW, body: '' });
    const left = (headers.authorization ?? '').replace(`${name};`, '').replace(`;${name}`, '');
    await expectError(await put({ headers: { authorization: left } }), 403, 'AccessDenied', new RegExp(name));
  });

  it('nothing that proxies and SDKs add', async () => {
    const sdk = await put({
      query: 'x-id=PutObject',
      extraHeaders: { 'x-amz-user-agent': 'aws-sdk-js/3', 'content-type': 'application/gzip' },
    });
    expect(sdk.status).toBe(200);
    const spaced = await put({ headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(spaced.status).toBe(200);
    expect((await put({ at: NOW - 899_000 })).status).toBe(200);
  });

  it('not the public host of a proxy', async () => {
    const rewritten = { headers: { host: 'internal:14318' } };
    expect((await put({ ...rewritten, options: { publicHost: HOST } })).status).toBe(200);
    expect((await put({ options: { publicHost: 'other.example' } })).status).toBe(200);
    expect((await put({ ...rewritten, options: { publicHost: 'other.example' } })).status).toBe(403);
  });

  it('a gzip bomb, before it is inflated whole', async () => {
    const bomb = gzipSync(Buffer.alloc(300 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    await expectError(
      await put({ body: bomb, options: { maxInflatedBytes: 8 * 1024 * 1024 } }),
      400,
      'EntityTooLarge',
      /after inflating/,
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024);
  }, 60_000);

  it('no more than a line a minute and code in the log', async () => {
    const app = receiver();
    for (const [clock, authorization] of [
      [NOW, undefined],
      [NOW + 1000, undefined],
      [NOW + 2000, 'Bearer x'],
      [NOW + 59_999, undefined],
      [NOW + 61_000, undefined],
    ] as const) {
      bench.clock = clock;
      const headers = authorization === undefined ? {} : { authorization };
      await app.request(`http://${HOST}/whole/a`, { method: 'PUT', headers });
    }
    expect(bench.lines.map(({ fields }) => fields)).toEqual([
      { input: 'object_store', code: 'AccessDenied', reason: expect.any(String) },
      { input: 'object_store', code: 'AuthorizationHeaderMalformed', reason: expect.any(String) },
      { input: 'object_store', code: 'AccessDenied', reason: expect.any(String), alsoRefusedSince: 2 },
    ]);
    expect(bench.recorder.sum(RECEIVE_METRICS.deliveriesRefused)).toBe(5);
  });
});

describe('the bucket itself', () => {
  it('is there', async () => {
    const head = await put({ method: 'HEAD', path: '/whole', body: '' });
    expect(head.status).toBe(200);
    const location = await put({ method: 'GET', path: '/whole', query: 'location', body: '' });
    expect(location.status).toBe(200);
    expect(await location.text()).toContain('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">');
  });

  it('is not, with no body for HEAD', async () => {
    const head = await put({ method: 'HEAD', path: '/nobody', body: '' });
    expect(head.status).toBe(404);
    expect(await head.text()).toBe('');
  });
});

describe.each(['story', 'story-2'] as const)('the recorded uploads of %s', (recording) => {
  it('are accepted as they were signed, and say what telemetry said', async () => {
    const app = objectStoreReceiver({
      ...bench,
      accessKeys: [{ id: 'AKIDEXAMPLE', secret: 'secretexample' }],
      buckets: [
        {
          bucket: 'gateway-logs',
          prefix: 'aisix/prod',
          environment: RECORDED_ENVIRONMENT,
          dataPlane: RECORDED_DATA_PLANE,
        },
      ],
    });
    for (const { url, headers, b64 } of recordedUploads(recording)) {
      bench.clock = Date.parse((headers['x-amz-date'] ?? '').replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
      const body = new Uint8Array(Buffer.from(b64, 'base64'));
      const response = await app.request(`http://127.0.0.1:4319${url}`, { method: 'PUT', headers, body });
      expect(response.status).toBe(200);
    }
    const reports = bench.reports();
    expect(reports).toHaveLength(RECORDED[recording].events);
    expect(bench.recorder.sum(DECODE_METRICS.reportRefused)).toBe(0);
    expect(bench.recorder.sum(DECODE_METRICS.fieldDropped)).toBe(0);
    const text = JSON.stringify(reports);
    for (const secret of recordedSecrets()) expect(text.includes(secret)).toBe(false);

    const ctx = { input: 'telemetry', recorder: bench.recorder, now: NOW } as const;
    const told = recordedTelemetry(recording).flatMap(({ events }) => decodeUsageEvents(events, ctx).reports);
    expect(sorted(reports)).toEqual(sorted(told));
  }, 60_000);
});

function sorted(reports: readonly object[]): string[] {
  return reports.map((report) => JSON.stringify(report)).sort();
}
