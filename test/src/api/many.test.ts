import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type ClientRequest, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceStore } from '@aisix-observability/evidence';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { createMemoryStore } from '@aisix-observability/evidence/testing';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { applyAll, recordedRequests } from '../store/recordedStore.ts';
import { ApiRig } from './apiRig.ts';
import { hash } from './drivers.ts';

const NOW = 1_795_415_470_000;
const BODY = { from: NOW - 1000, to: NOW };

/** A store whose searches last until they are let go, and that knows how many run. */
function heldStore() {
  const store: EvidenceStore = createMemoryStore({ hash });
  const state = { running: 0, most: 0, begun: 0, aborted: 0 };
  const gate = Promise.withResolvers<void>();
  store.search = async (_query, signal) => {
    state.begun += 1;
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    const ended = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => {
      state.aborted += 1;
      ended.resolve();
    });
    await Promise.race([gate.promise, ended.promise]);
    state.running -= 1;
    signal?.throwIfAborted();
    return { requests: '[]', count: 0, stats: { elapsedMs: 0, rows: 0 } };
  };
  return { store, state, letGo: gate.resolve };
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(rig: ApiRig): Promise<number> {
  const server = createAdaptorServer({ fetch: rig.app.fetch, overrideGlobalObjects: false, createServer }) as Server;
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });

function post(port: number, path: string, body: object): ClientRequest {
  const sent = request({ port, path, agent, method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.end(JSON.stringify(body));
  return sent;
}

interface Got {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
}

async function got(sent: ClientRequest): Promise<Got> {
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  const { error } = JSON.parse(text);
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], code: error?.code };
}

describe('many queries at once', () => {
  it('200 of one reader: a few run, some wait, the rest hear 429 at once and when to come back', async () => {
    const { store, state, letGo } = heldStore();
    const rig = new ApiRig({ store });
    const port = await listen(rig);
    const all = Array.from({ length: 200 }, () => got(post(port, '/requests/search', BODY)));
    let refused = 0;
    for (const answer of all) void answer.then(({ status }) => (refused += status === 429 ? 1 : 0));
    // 3 run and 48 wait.
    await expect.poll(() => refused, { timeout: 30_000 }).toBe(149);
    expect(state.begun).toBe(3);
    letGo();
    const answers = await Promise.all(all);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(51);
    for (const { status, code, retryAfter } of answers)
      if (status !== 200) expect([status, code, retryAfter]).toEqual([429, 'too_many_queries', '1']);
    expect(state.most).toBe(3);
  });

  it('200 over the real engine: each gets its rows or a refusal, and the memory that the engine may hold is enough', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aisix-many-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const store = await openDuckDbStore({ directory, hash, memoryLimitBytes: 128 * 1024 * 1024, readers: 6 });
    onTestFinished(() => store.close());
    const { versions, requests } = recordedRequests('suite');
    await applyAll(store, versions);
    const first = Math.min(...requests.map(({ startTime }) => startTime));
    const port = await listen(new ApiRig({ store }));
    const body = { from: first, to: first + 86_400_000, text: 'gpt', limit: 1000 };
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => got(post(port, '/requests/search', { ...body, limit: 1 + (at % 1000) }))),
    );
    const statuses = Map.groupBy(answers, ({ status }) => status);
    expect([...statuses.keys()].toSorted()).toEqual([200, 429]);
    expect(statuses.get(200)?.length).toBeGreaterThanOrEqual(3);
    expect((await got(post(port, '/requests/search', body))).status).toBe(200);
  });

  it.each([
    [
      'a filter that few rows fit',
      '/requests/search',
      { filters: [{ field: 'requestedModel', op: 'eq', value: 'x' }] },
    ],
    ['values that no rollup keeps', '/requests/values', { field: 'client.userAgent' }],
    ['a text', '/requests/search', { text: 'timeout' }],
  ])('%s over a month is heavy', async (_, path, body) => {
    const { store, letGo } = heldStore();
    store.values = async ({ scope }, signal) => {
      await store.search({ scope, ...BODY, filters: [], limit: 1, order: 'newest' }, signal);
      return { values: [], more: false };
    };
    const rig = new ApiRig({ store });
    const month = { from: NOW - 30 * 86_400_000, to: NOW, ...body };
    const waiting = Array.from({ length: 10 }, () => rig.post(path, month));
    expect((await rig.post('/requests/get', { environment: 'prod', requestId: 'x' })).status).toBe(200);
    letGo();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('heavy ones leave light ones their places', async () => {
    const { store, letGo } = heldStore();
    const rig = new ApiRig({ store });
    const heavy = { from: NOW - 86_400_000, to: NOW, text: 'timeout' };
    const waiting = Array.from({ length: 10 }, () => rig.post('/requests/search', heavy));
    const light = await rig.post('/requests/get', { environment: 'prod', requestId: 'x' });
    expect(light.status).toBe(200);
    letGo();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('end when their time is up, those that wait too', async () => {
    const { store, state } = heldStore();
    const rig = new ApiRig({ store, queryTimeoutMillis: 50 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => rig.post('/requests/search', BODY)));
    expect(new Set(answers.map(({ body }) => body.error.code))).toEqual(new Set(['query_timeout']));
    expect(answers[0]?.status).toBe(504);
    await expect.poll(() => state.running, { timeout: 30_000 }).toBe(0);
  });

  it('of clients that go away are cancelled in the store, and those that wait never begin', async () => {
    const { store, state, letGo } = heldStore();
    const port = await listen(new ApiRig({ store }));
    const sent = Array.from({ length: 10 }, () => post(port, '/requests/search', BODY));
    for (const each of sent) each.on('error', () => {});
    await expect.poll(() => state.running, { timeout: 30_000 }).toBe(3);
    for (const each of sent) each.destroy();
    await expect.poll(() => state.aborted, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    await expect.poll(() => state.running, { timeout: 30_000 }).toBe(0);
    letGo();
    expect((await got(post(port, '/requests/search', BODY))).status).toBe(200);
  });

  it('a tail over the wire shows what is stored, and ends in the server when the client goes', async () => {
    const rig = new ApiRig({ limits: { tailIntervalMillis: 1 } });
    const port = await listen(rig);
    const sent = post(port, '/requests/tail', {});
    sent.on('error', () => {});
    const [response] = await once(sent, 'response');
    const first = await once(response, 'data');
    expect(String(first)).toContain('"heartbeat"');
    expect(rig.listeners).toBe(1);
    response.on('error', () => {});
    sent.destroy();
    await expect.poll(() => rig.listeners, { timeout: 30_000 }).toBe(0);
  });

  it('hear that the server stops', async () => {
    const { store } = heldStore();
    const rig = new ApiRig({ store });
    const running = rig.post('/requests/search', BODY);
    rig.stop();
    expect(await running).toMatchObject({ status: 503, body: { error: { code: 'stopping' } } });
    expect((await rig.post('/requests/search', BODY)).status).toBe(503);
  });

  it('a store that fails is told apart from a mistake, and its words stay inside', async () => {
    const lines: string[] = [];
    const store = createMemoryStore({ hash });
    store.search = async () => {
      throw new Error('IO Error: /secret/path');
    };
    const rig = new ApiRig({
      store,
      log: (level, message, fields) => lines.push(`${level} ${message} ${fields?.error}`),
    });
    const defect = await rig.post('/requests/search', BODY);
    expect(defect).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect(JSON.stringify(defect.body)).not.toContain('secret');
    expect(lines).toEqual([expect.stringContaining('/secret/path')]);
    await store.close();
    const closed = await rig.post('/requests/values', { ...BODY, field: 'status' });
    expect(closed).toMatchObject({ status: 503, body: { error: { code: 'store_unavailable' } } });
    expect(closed.headers.get('retry-after')).toBe('5');
  });
});
