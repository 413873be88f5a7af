import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDestination,
  createSetAsideFiles,
  type Destination,
  type DestinationOptions,
  openStreamFile,
  type StreamFile,
} from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../../../server/src/testing/issueCertificate.ts';
import { type OtlpSink, type SinkReply, startOtlpSink } from '../fakes/otlpSink.ts';
import { type JsonSpan, jsonRequest, jsonSpan } from './testSpans.ts';

let directory: string;
let file: StreamFile;
let undo: AsyncDisposableStack;

beforeEach(async () => {
  undo = new AsyncDisposableStack();
  directory = await mkdtemp(join(tmpdir(), 'deliver-'));
  undo.defer(() => rm(directory, { recursive: true }));
  file = undo.adopt(openStreamFile(join(directory, 'requests.sqlite')), (opened) => opened.close());
});
afterEach(() => undo.disposeAsync());

async function sink(...replies: readonly SinkReply[]): Promise<OtlpSink> {
  return undo.adopt(
    await startOtlpSink({ script: ({ number }) => replies[number - 1] ?? { kind: 'accept' } }),
    (started) => started.close(),
  );
}

async function append(count: number): Promise<void> {
  const stream = file.stream('requests');
  const { lastSeq } = stream.stats();
  const records = Array.from({ length: count }, (_, index) => ({ payload: `${lastSeq + index + 1}`, at: Date.now() }));
  await stream.append(records);
}

function start(url: string, options: Partial<DestinationOptions<JsonSpan>> = {}): Destination {
  const destination = createDestination<JsonSpan>({
    name: 'backend',
    stream: file.stream('requests'),
    cursors: file.cursors,
    prepare: (row) => ({ items: [jsonSpan(Number(row.payload))] }),
    serialize: jsonRequest,
    endpoint: {
      url: `${url}/v1/traces`,
      headers: { authorization: 'Bearer t' },
      contentType: 'application/json',
      compression: 'gzip',
      timeoutMillis: 150,
      userAgent: 'test',
    },
    setAside: createSetAsideFiles({ directory: join(directory, 'set-aside') }),
    limits: { lingerMillis: 5 },
    retry: { initialMillis: 20, maxMillis: 40 },
    ...options,
  });
  undo.defer(() => destination.close(1_000));
  return destination;
}

const delivered = (destination: Destination, count: number) =>
  vi.waitFor(() => expect(destination.health().delivered + destination.health().rejected).toBe(count), 5_000);

describe('over real connections', () => {
  it.each<[string, SinkReply, number]>([
    ['503', { kind: 'status', status: 503 }, 1],
    ['429 with Retry-After', { kind: 'status', status: 429, retryAfter: '0' }, 1],
    ['a hang', { kind: 'hang' }, 1],
    ['a closed connection', { kind: 'disconnect' }, 1],
    ['an answer that breaks off', { kind: 'closeMidBody' }, 1],
    ['bytes that are no HTTP', { kind: 'garbage' }, 1],
    ['a page', { kind: 'nonsense' }, 0],
    ['too long an answer', { kind: 'large', bytes: 5 * 1024 * 1024 }, 0],
    ['204', { kind: 'accept', status: 204 }, 0],
  ])('%s: everything arrives once it is taken', async (_name, reply, retried) => {
    const backend = await sink(reply);
    await append(30);
    const destination = start(backend.url);
    await delivered(destination, 30);
    expect(destination.health()).toMatchObject({ retried, setAside: {}, backlogRows: 0, state: 'ok' });
    expect(backend.stats()).toMatchObject({ spans: 30, accepted: 1 });
    expect(destination.health().unreadableResponses).toBe(reply.kind === 'nonsense' || reply.kind === 'large' ? 1 : 0);
  });

  it('a partial success is counted and not sent again', async () => {
    const backend = await sink({ kind: 'partial', rejected: 7, message: 'too old' });
    await append(30);
    const destination = start(backend.url);
    await delivered(destination, 30);
    expect(destination.health()).toMatchObject({ delivered: 23, rejected: 7 });
    expect(backend.stats()).toMatchObject({ requests: 1, spans: 23 });
  });

  it('a partial success in protobuf is read as well', async () => {
    const backend = await sink({ kind: 'partial', rejected: 3, message: 'é' });
    await append(4);
    const endpoint = {
      url: backend.url,
      headers: {},
      contentType: 'application/x-protobuf',
      compression: 'none',
      timeoutMillis: 500,
      userAgent: 'test',
    } as const;
    // Four empty spans: resource_spans { scope_spans { spans {} … } }.
    const serialize = (spans: readonly JsonSpan[]) => {
      const inner = Buffer.from(spans.flatMap(() => [0x12, 0]));
      return Buffer.from([0x0a, inner.length + 2, 0x12, inner.length, ...inner]);
    };
    const destination = start(backend.url, { endpoint, serialize });
    await delivered(destination, 4);
    expect(destination.health()).toMatchObject({ delivered: 1, rejected: 3 });
    expect(backend.stats().spans).toBe(1);
  });

  it('413 is split, 400 is isolated and kept', async () => {
    const backend = await sink();
    backend.answer(({ spans, body }) => {
      if (spans > 20) return { kind: 'status', status: 413 };
      return body.includes('"row 33"') ? { kind: 'status', status: 400, text: 'bad span' } : { kind: 'accept' };
    });
    await append(100);
    const destination = start(backend.url);
    await delivered(destination, 99);
    await vi.waitFor(() => expect(destination.health()).toMatchObject({ setAside: { refused: 1 }, backlogRows: 0 }));
    expect(backend.stats().spans).toBe(99);
  });

  it('a redirect is not followed, and credentials stay', async () => {
    const elsewhere = await sink();
    const backend = await sink({ kind: 'redirect', location: `${elsewhere.url}/v1/traces` });
    await append(1);
    const destination = start(backend.url);
    await vi.waitFor(() => expect(destination.health().state).toBe('blocked'));
    expect(destination.health().lastError?.message).toContain(elsewhere.url);
    expect(elsewhere.stats().connections).toBe(0);
  });

  it('a dead backend does not slow another, connections are kept and few', async () => {
    const alive = await sink();
    const dead = await sink();
    await dead.close();
    const first = start(dead.url, { name: 'dead' });
    const second = start(alive.url, { name: 'alive' });
    for (let round = 0; round < 20; round += 1) {
      await append(500);
      first.wake();
      second.wake();
    }
    await delivered(second, 10_000);
    expect(first.health()).toMatchObject({ state: 'retrying', delivered: 0, backlogRows: 10_000 });
    expect(first.health().lastError?.message).toContain('ECONNREFUSED');
    expect(alive.stats().connections).toBeLessThanOrEqual(4);
  });

  it('goes on from its cursor after a restart', async () => {
    const backend = await sink();
    await append(1_000);
    const first = start(backend.url);
    await delivered(first, 1_000);
    await first.close(1_000);
    await append(50);
    const second = start(backend.url, { startAt: 'end' });
    await delivered(second, 50);
    expect(backend.stats().spans).toBe(1_050);
  });

  it('trusts a private authority when told to, and says why when not', async () => {
    const authority = issueCertificate({ name: 'authority' });
    const own = issueCertificate({ name: 'backend', issuer: authority, alternativeNames: ['IP:127.0.0.1'] });
    const server = createServer({ cert: own.cert, key: own.key }, (request, response) => {
      request.resume().on('end', () => response.end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.defer(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await append(1);
    const endpoint = {
      url,
      headers: {},
      contentType: 'application/json',
      compression: 'none',
      timeoutMillis: 2_000,
      userAgent: 'test',
    } as const;
    const stranger = start(url, { name: 'stranger', endpoint });
    await vi.waitFor(() =>
      expect(stranger.health().lastError?.message).toMatch(/no connection \(.*(CERT|SIGNATURE|ISSUER).*\)/),
    );
    const friend = start(url, { name: 'friend', endpoint: { ...endpoint, tls: { ca: authority.cert } } });
    await delivered(friend, 1);
  });
});
