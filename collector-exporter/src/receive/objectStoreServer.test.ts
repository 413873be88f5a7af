import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { GetBucketLocationCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { objectStoreReceiver } from './objectStore.ts';
import { type Bench, createBench } from './testing/bench.ts';
import { listen, send, type TestServer } from './testing/httpServer.ts';
import { signed } from './testing/signUpload.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const LINE = '{"request_id":"r","occurred_at":"2026-11-23T11:00:00Z","attempt_index":0,"status_code":200}';
const BODY = gzipSync(`${LINE}\n`);

describe('the object store on a real listener', () => {
  const bench: Bench = createBench(NOW);
  let server: TestServer;
  let host: string;

  beforeAll(async () => {
    server = await listen(
      objectStoreReceiver({
        ...bench,
        accessKeys: [{ id: 'AKIDEXAMPLE', secret: 'secretexample' }],
        buckets: [
          { bucket: 'logs', prefix: 'a/b', environment: 'env' },
          { bucket: 'other', prefix: '', environment: 'other' },
        ],
        maxBytes: 100_000,
      }),
    );
    host = `127.0.0.1:${server.port}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    bench.deliveries.length = 0;
  });

  function put(path: string, body: Uint8Array = BODY) {
    return send({ port: server.port, method: 'PUT', path, headers: signed({ path, host, at: NOW, body }), body });
  }

  it.each([
    '/logs/a/b/dt%3D2026-11-23/hh%3D11/x.ndjson.gz',
    '/logs/a/b/dt=2026-11-23/hh=11/x.ndjson.gz',
    '/logs/a/b//x.gz',
    '/logs/a/b/..x/...gz',
    '/logs/a%2Fb/%20+%25/x.gz',
    '/logs/a/b/%252e%252e/x.gz',
    '/logs/a/b/%E2%82%AC.gz',
  ])('checks the signature over the raw path and takes the key literally: %s', async (path) => {
    const answer = await put(path);
    expect(answer.status, answer.body.toString()).toBe(200);
    expect(bench.deliveries.map(({ environment }) => environment)).toEqual(['env']);
  });

  it.each([
    '/logs/a/b/../../../other/x.gz',
    '/logs/a/b/./x.gz',
    '/logs/a/b/..',
    '/logs/../other/x.gz',
    '/logs/a/b/%2e%2e/%2E%2E/other/x.gz',
    '/logs/a/b/x%2F..%2F..%2F../y.gz',
    '/logs/a/b/x.gz%00',
    '/logs/a/b/%1b[31m%0a.gz',
    '/logs/a/b/%zz.gz',
  ])('refuses a key that is a path with detours or no text, though it is signed: %s', async (path) => {
    const answer = await put(path);
    expect(answer.status).toBe(400);
    expect(answer.body.toString()).toContain('<Code>InvalidURI</Code>');
    expect(bench.deliveries).toEqual([]);
  });

  it('does not take one spelling of a path for another', async () => {
    const headers = signed({ path: '/logs/a/b/x=1.gz', host, at: NOW, body: BODY });
    const answer = await send({ port: server.port, method: 'PUT', path: '/logs/a/b/x%3D1.gz', headers, body: BODY });
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('SignatureDoesNotMatch');
  });

  it('refuses a body that is announced or turns out too large, and goes on serving', async () => {
    const large = Buffer.alloc(200_000, 1);
    const announced = await put('/logs/a/b/large', large);
    expect(announced.status).toBe(400);
    expect(announced.body.toString()).toContain('EntityTooLarge');

    const headers = {
      ...signed({ path: '/logs/a/b/large', host, at: NOW, body: large }),
      'transfer-encoding': 'chunked',
    };
    const chunked = await send({ port: server.port, method: 'PUT', path: '/logs/a/b/large', headers, body: large });
    expect(chunked.body.toString()).toContain('EntityTooLarge');
    expect((await put('/logs/a/b/x.gz')).status).toBe(200);
  });

  it('answers a client that waits for "100 Continue"', async () => {
    const path = '/logs/a/b/x.gz';
    const headers = {
      ...signed({ path, host, at: NOW, body: BODY }),
      expect: '100-continue',
      'content-length': String(BODY.length),
    };
    const answer = await send({ port: server.port, method: 'PUT', path, headers, body: BODY });
    expect(answer.status).toBe(200);
  });

  it('stores nothing when the sender goes away in the middle of the body', async () => {
    const path = '/logs/a/b/x.gz';
    const lines = Object.entries({
      ...signed({ path, host, at: NOW, body: BODY }),
      'content-length': String(BODY.length),
    });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`PUT ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    socket.write(BODY.subarray(0, 10));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await expect
      .poll(() => bench.lines.some(({ fields }) => JSON.stringify(fields).includes('IncompleteBody')))
      .toBe(true);
    expect(bench.deliveries).toEqual([]);
    expect((await put(path)).status).toBe(200);
  });
});

describe('a maintained S3 client', () => {
  it('is understood: it finds the bucket and puts an object', async () => {
    const bench = createBench(Date.now());
    const server = await listen(
      objectStoreReceiver({
        ...bench,
        accessKeys: [{ id: 'AKIDEXAMPLE', secret: 'secretexample' }],
        buckets: [{ bucket: 'logs', prefix: 'a b', environment: 'env' }],
      }),
    );
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'eu-central-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secretexample' },
      maxAttempts: 1,
    });
    try {
      await client.send(new HeadBucketCommand({ Bucket: 'logs' }));
      await client.send(new GetBucketLocationCommand({ Bucket: 'logs' }));
      const line = LINE.replace('2026-11-23T11:00:00Z', new Date().toISOString());
      const key = 'a b/dt=2026-11-23/x+é.ndjson.gz';
      const put = new PutObjectCommand({ Bucket: 'logs', Key: key, Body: gzipSync(line), ContentEncoding: 'gzip' });
      expect((await client.send(put)).ETag).toMatch(/^"[0-9a-f]{32}"$/);
      expect(bench.deliveries).toMatchObject([{ environment: 'env', reports: [{ requestId: 'r' }] }]);
      await expect(client.send(new HeadBucketCommand({ Bucket: 'nobody' }))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 404 },
      });
    } finally {
      client.destroy();
      await server.close();
    }
  });
});
