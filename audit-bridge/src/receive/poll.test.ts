import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { AUDIT_METRICS } from './feedJournal.ts';
import { type AuditPollerOptions, createAuditPoller } from './poll.ts';
import { AuditPollerOptionsError } from './pollAddress.ts';
import { POLL_PRESETS } from './pollSource.ts';
import type { PollState } from './pollState.ts';
import { createFeedBench, type FeedBench } from './testing/feedBench.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const seconds = (at: number) => Math.floor(at / 1000);

/** A row as API7 Enterprise writes it. */
function row(n: number, at: number, more: object = {}) {
  return {
    id: `log-${n}`,
    event_time: seconds(at),
    event_type: 'update_provider_key',
    operator: { id: 'u-1', username: 'alice', email: 'alice@example.com' },
    source: 'dashboard',
    resource_id: `r-${n}`,
    ip_address: '203.0.113.9',
    error_message: '',
    http_request: {
      method: 'PUT',
      uri: '/x?token=hunter2',
      body: { name: 'openai-prod', secret: 'sk-hunter2-hunter2' },
    },
    http_response: { status_code: 200, body: '{}' },
    ...more,
  };
}

let bench: FeedBench;
let table: ReturnType<typeof row>[];
let asked: URL[];
let saved: PollState | undefined;
/** Answers instead of the table while set. */
let broken: ((page: number) => Response | Promise<Response> | undefined) | undefined;
let headers: Headers[];
let pageSize: number;

beforeEach(() => {
  bench = createFeedBench(NOW);
  table = [];
  asked = [];
  headers = [];
  saved = undefined;
  broken = undefined;
  pageSize = 2;
});

/** `GET /api/audit_logs` as far as the preset uses it. */
const fakeLog: typeof fetch = async (input, init) => {
  const url = new URL(String(input));
  asked.push(url);
  headers.push(new Headers(init?.headers));
  const page = Number(url.searchParams.get('page'));
  const answer = await broken?.(page);
  if (answer !== undefined) return answer;
  const found = table
    .filter(({ event_time }) => event_time >= Number(url.searchParams.get('start_at')))
    .sort((a, b) => a.event_time - b.event_time);
  return Response.json({ list: found.slice((page - 1) * pageSize, page * pageSize), total: found.length });
};

function poller(options: Partial<AuditPollerOptions> = {}) {
  return createAuditPoller({
    ...bench,
    name: 'api7',
    url: 'https://api7.example/api/audit_logs',
    token: 'a7ee-token',
    source: POLL_PRESETS.api7_enterprise,
    intervalMillis: 15_000,
    environment: 'env-prod',
    state: {
      load: async () => saved,
      save: async (state) => {
        saved = state;
      },
    },
    fetch: fakeLog,
    random: () => 0.5,
    ...options,
  });
}

const ids = () => bench.changes().map(({ observationId }) => observationId);

describe('an audit log', () => {
  it('is read page by page, with the token in its header, from the time that is wanted', async () => {
    table = [1, 2, 3, 4, 5].map((n) => row(n, NOW - 60_000 + n * 1000));
    expect(await poller().pollOnce()).toEqual({ rows: 5, taken: 5 });
    expect(ids()).toEqual([1, 2, 3, 4, 5].map((n) => `audit:api7:log-${n}`));
    expect(asked.map(({ searchParams }) => searchParams.get('page'))).toEqual(['1', '2', '3']);
    expect(asked[0]?.searchParams.get('start_at')).toBe(String(seconds(NOW - 300_000)));
    expect(headers[0]?.get('x-api-key')).toBe('a7ee-token');
    expect(saved).toEqual({ version: 1, readUntil: NOW, lastSuccessAt: NOW });
  });

  it('tells changes that are believed as far as a log is', async () => {
    table = [row(1, NOW - 1000)];
    await poller().pollOnce();
    expect(bench.changes()).toMatchObject([
      {
        trust: 'polled',
        feed: { type: 'poll', name: 'api7' },
        action: 'update',
        resource: { kind: 'provider_key', id: 'r-1', name: 'openai-prod' },
        actor: { type: 'user', id: 'u-1', name: 'alice' },
        environment: 'env-prod',
        occurredAt: NOW - 1000,
        source: 'dashboard',
        result: 'success',
        paths: [],
      },
    ]);
    expect(bench.everything()).not.toContain('hunter2');
  });

  it('finds rows that came late, and does not tell the others twice', async () => {
    const one = poller();
    table = [row(1, NOW - 10_000)];
    await one.pollOnce();
    table.push(row(2, NOW - 200_000), row(3, NOW + 1000));
    bench.clock += 15_000;
    expect(await one.pollOnce()).toEqual({ rows: 3, taken: 2 });
    expect(bench.observe).toHaveBeenCalledTimes(3);
    expect(bench.stored.size).toBe(3);
  });

  it('goes on after a restart where it was left', async () => {
    table = [row(1, NOW - 10_000)];
    await poller().pollOnce();
    bench.clock += 7_200_000;
    table.push(row(2, NOW + 3_600_000));
    await poller().pollOnce();
    expect(asked.at(-1)?.searchParams.get('start_at')).toBe(String(seconds(NOW - 300_000)));
    expect(ids()).toEqual(['audit:api7:log-1', 'audit:api7:log-2']);
  });

  it('that breaks off is read on from what came in order, and again from the start otherwise', async () => {
    const one = poller({ since: NOW - 3_600_000 });
    table = [1, 2, 3, 4].map((n) => row(n, NOW - 3_000_000 + n * 600_000));
    broken = (page) => (page === 2 ? new Response('', { status: 500 }) : undefined);
    expect(await one.pollOnce()).toMatchObject({ taken: 2, fault: { code: 'server_error' } });
    expect(saved?.readUntil).toBe(NOW - 3_000_000 + 1_200_000);
    const descending = poller({
      since: NOW - 3_600_000,
      name: 'other',
      state: {
        load: async () => undefined,
        save: async (state) => {
          saved = state;
        },
      },
    });
    broken = (page) =>
      page === 2 ? new Response('', { status: 500 }) : Response.json({ list: [table[3], table[2]], total: 4 });
    await descending.pollOnce();
    expect(saved?.readUntil).toBe(NOW - 3_600_000);
  });

  it('that changes a row is told as a conflict', async () => {
    const one = poller();
    table = [row(1, NOW - 1000)];
    await one.pollOnce();
    table = [row(1, NOW - 1000, { resource_id: 'r-other' })];
    await one.pollOnce();
    expect(bench.sum(AUDIT_METRICS.conflicts)).toBe(1);
  });

  it('loses only its bad rows, each counted once however often it comes', async () => {
    const one = poller();
    table = [row(1, NOW - 1000), row(2, NOW - 900, { id: null })];
    await one.pollOnce();
    await one.pollOnce();
    expect(ids()).toEqual(['audit:api7:log-1']);
    expect(bench.sum(AUDIT_METRICS.eventsRefused, { feed: 'api7', code: 'invalid_id' })).toBe(1);
  });

  it('may speak our contract and page by cursor, which is kept and read again', async () => {
    const event = (n: number) => ({
      schema_version: '1.0',
      id: `evt_${n}`,
      occurred_at: '2026-11-23T11:59:00Z',
      action: 'create',
      resource: { type: 'model', id: `m-${n}` },
    });
    const pages: Readonly<Record<string, object>> = {
      '': { events: [event(1)], next_cursor: 'b' },
      b: { events: [event(2)], next_cursor: 'c' },
      c: { events: [event(3)], next_cursor: null },
    };
    const get: typeof fetch = async (input) => {
      const url = new URL(String(input));
      asked.push(url);
      return Response.json(pages[url.searchParams.get('cursor') ?? '']);
    };
    await poller({ source: POLL_PRESETS.canonical, fetch: get }).pollOnce();
    expect(ids()).toHaveLength(3);
    expect(saved?.cursor).toBe('c');
    asked = [];
    await poller({ source: POLL_PRESETS.canonical, fetch: get }).pollOnce();
    expect(asked.map(({ searchParams }) => searchParams.get('cursor'))).toEqual(['c']);
  });
});

describe('a poll that fails', () => {
  const answer = (status: number, retryAfter?: string) => () =>
    new Response('sk-abcdefgh1234', { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });

  it.each<[string, RegExp, () => Response | Promise<Response>]>([
    ['unauthorized', /token/, answer(401)],
    ['forbidden', /iam:GetAudit/, answer(403)],
    ['not_found', /address/, answer(404)],
    ['rate_limited', /fewer/, answer(429)],
    ['server_error', /503/, answer(503)],
    ['unexpected_status', /418/, answer(418)],
    [
      'redirected',
      /final address/,
      () => new Response(null, { status: 302, headers: { location: 'http://evil.example' } }),
    ],
    ['invalid_json', /JSON/, () => new Response('<html>')],
    ['unexpected_body', /list/, () => Response.json({ rows: [] })],
    ['unexpected_body', /nested/, () => new Response(`{"list":${'['.repeat(99)}${']'.repeat(99)}}`)],
    ['response_too_large', /bytes/, () => new Response('x'.repeat(9 * 1024 * 1024))],
    ['unreachable', /reached/, () => Promise.reject(new TypeError('fetch failed'))],
    ['timeout', /in time/, () => Promise.reject(new DOMException('x', 'TimeoutError'))],
    ['paging_stuck', /twice/, () => Response.json({ list: [row(1, NOW)], total: 9 })],
  ])('says why: %s', async (code, message, response) => {
    broken = response;
    const one = poller();
    const { fault } = await one.pollOnce();
    expect(fault).toEqual({ code, message: expect.stringMatching(message) });
    expect(one.health()).toMatchObject({ state: 'failing', fault: { code } });
    expect(bench.sum(AUDIT_METRICS.polls, { result: code })).toBe(1);
    expect(JSON.stringify([bench.lines, fault])).not.toMatch(/sk-|a7ee|evil/);
  });

  it('waits longer and longer, and as long as it is asked to', async () => {
    const pauses: number[] = [];
    const one = poller({
      wait: async (millis) => {
        pauses.push(millis);
        if (pauses.length === 3) broken = answer(429, '3600');
        if (pauses.length === 4) broken = undefined;
        if (pauses.length === 5) void one.close();
      },
    });
    broken = answer(500);
    one.start();
    await expect.poll(() => one.health().state, { timeout: 30_000 }).toBe('closed');
    expect(pauses).toEqual([15_000, 30_000, 60_000, 3_600_000, 15_000]);
  });

  it('reads again what could not be made durable', async () => {
    const one = poller();
    table = [row(1, NOW - 1000)];
    bench.failure = new Error('sk-abcdefgh1234');
    expect((await one.pollOnce()).fault).toMatchObject({ code: 'ledger_unavailable' });
    bench.failure = undefined;
    expect(await one.pollOnce()).toEqual({ rows: 1, taken: 1 });
    expect(JSON.stringify(bench.lines)).not.toContain('sk-');
  });

  it('is a gap when it lasts, and its end is told', async () => {
    const one = poller();
    await one.pollOnce();
    broken = answer(500);
    bench.clock = NOW + 30_000;
    await one.pollOnce();
    expect(bench.stored.size).toBe(0);
    bench.clock = NOW + 61_000;
    await one.pollOnce();
    await one.pollOnce();
    expect(one.health()).toMatchObject({ silentSince: NOW });
    broken = undefined;
    bench.clock = NOW + 90_000;
    await one.pollOnce();
    expect([...bench.stored.values()]).toMatchObject([
      { type: 'gap', observationId: `gap:api7:${NOW}`, from: NOW, reason: 'server_error', environment: 'env-prod' },
      { type: 'gap', observationId: `gap:api7:${NOW}:${NOW + 90_000}`, from: NOW, to: NOW + 90_000 },
    ]);
    expect(one.health()).toEqual({ state: 'ok', lastSuccessAt: NOW + 90_000 });
  });

  it('does not carry the token along a redirect of a real server', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { fault } = await poller({ url: `http://127.0.0.1:${port}/logs`, fetch }).pollOnce();
      expect(fault?.code).toBe('redirected');
      expect(seen).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  it.each(['ftp://x', 'https://u:p@x', 'x'])('for ever is refused at the start: %s', (url) => {
    expect(() => poller({ url })).toThrow(AuditPollerOptionsError);
  });
});
