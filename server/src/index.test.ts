import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStreamFile } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFrom, type RunningServer, startServer } from './index.ts';
import { createFakePath, type FakePath } from './testing/fakePath.ts';
import { issueCertificate } from './testing/issueCertificate.ts';

const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
const TOKEN = 'telemetry-token-1234';

const EVENT = {
  request_id: 'r-1',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  occurred_at: new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/, ''),
  status_code: 200,
  attempt_index: 0,
  upstream_latency_ms: 12,
};

let root = '';
let path: FakePath;
const running: RunningServer[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-server-'));
  path = createFakePath();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
  rmSync(root, { recursive: true, force: true });
});

async function start(overrides: object = {}, lines?: string[]): Promise<RunningServer> {
  const { config } = configFrom({
    data_dir: join(root, 'data'),
    // The path is a stand-in and makes no requests.
    store: { driver: 'none' },
    ingest: { port: 0 },
    api: { port: 0 },
    environments: [{ id: PROD, name: 'prod' }],
    inputs: { telemetry: { tokens: [{ token: TOKEN, environment: 'prod' }] } },
    destinations: [{ name: 'tempo', endpoint: 'http://127.0.0.1:4318' }],
    ...overrides,
  });
  const server = await startServer(config, {
    startTelemetryPath: path.start,
    log: (level, message, fields) => lines?.push(`${level} ${message} ${JSON.stringify(fields)}`),
  });
  running.push(server);
  return server;
}

const urlOf = ({ host, port }: { host: string; port: number }) => `http://${host}:${port}`;

const post = (server: RunningServer, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${urlOf(server.ingest)}/dp/telemetry`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'x-aisix-environment': 'prod',
      'content-type': 'application/json',
      ...headers,
    },
  });

describe('the running server', () => {
  it('makes a delivery durable before it says yes, and wakes the path', async () => {
    const server = await start();
    const response = await post(server, { events: [EVENT] });
    expect(await response.json()).toEqual({ accepted: 1 });
    expect(response.status).toBe(200);
    expect(path.wakes.at(-1)).toBe(1);
    const reader = openStreamFile(join(root, 'data', 'deliveries.db'), { readOnly: true });
    const [row] = reader.stream('deliveries').read(0, { rows: 10, bytes: 1e6 });
    await reader.close();
    const delivery = JSON.parse(row?.payload ?? '');
    expect(delivery).toMatchObject({ input: 'telemetry', environment: PROD, reports: [{ requestId: 'r-1' }] });
    expect(row?.at).toBe(delivery.receivedAt);
  });

  it('tells the path at start what an earlier run accepted, and trims what is assembled', async () => {
    const first = await start();
    await post(first, { events: [EVENT] });
    await post(first, { events: [EVENT] });
    await first.close();
    path = createFakePath();
    const second = await start();
    expect(path.wakes).toEqual([2]);
    path.assembled(1);
    await expect.poll(async () => metric(await metricsOf(second), 'aisix_stream_rows{stream="deliveries"}')).toBe(1);
    path.assembled(2);
    await expect.poll(async () => metric(await metricsOf(second), 'aisix_stream_rows{stream="deliveries"}')).toBe(0);
  });

  it('answers probes without content on both listeners', async () => {
    const server = await start();
    for (const address of [server.ingest, server.api]) {
      for (const probe of ['/health', '/ready']) {
        const response = await fetch(urlOf(address) + probe);
        expect([response.status, await response.text()]).toEqual([200, '']);
      }
    }
  });

  it('shows metrics of both threads and the status to this machine', async () => {
    const server = await start();
    await post(server, { events: [EVENT, { ...EVENT, request_id: 'r-2' }] });
    const response = await fetch(`${urlOf(server.api)}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    expect(metric(text, 'aisix_events_stored_total{input="telemetry",feed="usage"}')).toBe(2);
    expect(metric(text, 'aisix_open_requests')).toBe(3);
    expect(metric(text, `aisix_http_requests_total{listener="ingest",route="/dp/telemetry",status="2xx"}`)).toBe(1);
    expect(text.match(/^# TYPE target_info /gm)).toHaveLength(1);
    const offset = metric(text, `aisix_clock_offset_seconds{environment="${PROD}",data_plane="",input="telemetry"}`);
    expect(Math.abs(offset - (Date.now() - Date.parse(EVENT.occurred_at)) / 1000)).toBeLessThan(60);

    const status = await (await fetch(`${urlOf(server.api)}/status`)).json();
    expect(status).toMatchObject({
      state: 'ready',
      inputs: [{ input: 'telemetry', deliveries: 1, events: 2 }],
      ingest: { port: server.ingest.port },
      followers: [],
    });
  });

  it('explains every metric that it shows', async () => {
    const server = await start();
    await post(server, {
      events: [EVENT, 1, { ...EVENT, cost_usd: -1, error_message: 'sk-aaaaaaaaaaaa', content: 'x' }],
    });
    await post(server, {}, { authorization: 'Bearer nobody' });
    const text = await metricsOf(server);
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
    expect(names).toEqual(expect.arrayContaining(['aisix_reports_refused_total', 'aisix_stream_commit_callers']));
    // Without a sentence of its own a metric would be explained by its name with blanks in it.
    const helpOf = (name: string) => new RegExp(`^# HELP ${name} (.*)$`, 'm').exec(text)?.[1] ?? '';
    const unexplained = names.filter(
      (name) => helpOf(name).replaceAll(' ', '_') === name.replace(/_total$|_seconds$/, ''),
    );
    expect(unexplained).toEqual([]);
    expect(metric(text, 'aisix_stream_commit_callers_count{file="deliveries"}')).toBe(1);
  });

  it('answers what it does not know in one shape, and never with what it was asked', async () => {
    const server = await start();
    for (const address of [server.ingest, server.api]) {
      const response = await fetch(`${urlOf(address)}/%3Cscript%3E`);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({ error: { code: 'not_found', message: expect.any(String) } });
    }
  });

  it('answers nonsense and oversized headers in the same shape', async () => {
    const server = await start({ limits: { header_bytes: '4KiB' } });
    const raw = (bytes: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(server.ingest.port, server.ingest.host);
        let answer = '';
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.on('close', () => resolve(answer));
        socket.on('error', () => {});
        socket.write(bytes);
      });
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(5000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [\s\S]*"code":"headers_too_large"/,
    );
    const close = 'content-length: 0\r\nconnection: close\r\n\r\n';
    for (const head of ['PUT /a/b HTTP/1.1\r\nhost: [::1\r\n', 'PUT /a/b HTTP/1.0\r\n']) {
      expect(await raw(head + close)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
    }
    expect(await raw(`POST /dp/telemetry HTTP/1.1\r\nhost: x\r\nexpect: a miracle\r\n${close}`)).toMatch(
      /^HTTP\/1\.1 417 [\s\S]*"code":"expectation_failed"/,
    );
    const text = await metricsOf(server);
    for (const [code, times] of [
      ['bad_request', 3],
      ['headers_too_large', 1],
      ['expectation_failed', 1],
    ] as const) {
      expect(metric(text, `aisix_http_unreadable_total{listener="ingest",code="${code}"}`)).toBe(times);
    }
  });

  it('says 503 with Retry-After when the stream is full, and counts it', async () => {
    const server = await start({ limits: { stream_bytes: '1MiB' } });
    const events = Array.from({ length: 400 }, (_, index) => ({
      ...EVENT,
      request_id: `r-${index}`,
      error_message: 'x'.repeat(900),
    }));
    const statuses: number[] = [];
    let last: Response | undefined;
    for (let turn = 0; turn < 10 && last?.status !== 503; turn += 1) {
      last = await post(server, { events });
      statuses.push(last.status);
    }
    expect(statuses[0]).toBe(200);
    expect(last?.status).toBe(503);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(
      metric(await metricsOf(server), 'aisix_deliveries_not_stored_total{input="telemetry",reason="stream_full"}'),
    ).toBe(1);
  });

  it('refuses work when the telemetry path stopped on its own, and says why it failed', async () => {
    const server = await start();
    path.stop(new Error('out of memory'));
    expect((await server.failed).message).toBe('out of memory');
    expect((await fetch(`${urlOf(server.api)}/health`)).status).toBe(503);
    const response = await post(server, { events: [EVENT] });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });

  it('is one per data directory, and tells which code it is', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'data_dir_locked' });
  });

  it('gives everything back when a listener cannot start', async () => {
    const first = await start();
    const elsewhere = { data_dir: join(root, 'other') };
    await expect(start({ ...elsewhere, api: { port: first.api.port } })).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining('EADDRINUSE'),
    });
    expect(path.closes).toHaveLength(1);
    await start(elsewhere);
  });

  it('keeps its socket for its owner, and takes it away at the end', async () => {
    const server = await start();
    const socket = join(root, 'data', 'control.sock');
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    await server.close();
    expect(readdirSync(join(root, 'data'))).not.toContain('control.sock');
  });
});

describe('the data directory', () => {
  it('holds nothing that others may read, also where the directory itself was open to them', async () => {
    const data = join(root, 'data');
    mkdirSync(data, { mode: 0o755 });
    const server = await start({
      inputs: {
        keep_refused: true,
        telemetry: { tokens: [{ token: TOKEN, environment: 'prod' }] },
        follow_bucket: [{ name: 'logs', endpoint: 'http://127.0.0.1:1', bucket: 'logs', interval: '1s' }],
      },
    });
    await post(server, { events: [EVENT, 1] });
    const entries = readdirSync(data, { recursive: true, encoding: 'utf8' });
    expect(entries).toEqual(expect.arrayContaining(['deliveries.db.lock', 'refused', 'server.lock']));
    const open = entries.filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });
});

describe('what the server tells of itself', () => {
  it('is one span for each request of a gateway, and none for probes', async () => {
    const bodies: string[] = [];
    const backend = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        if (request.url === '/v1/traces') bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
    const { port } = backend.address() as AddressInfo;
    const server = await start({ telemetry: { endpoint: `http://127.0.0.1:${port}` } });
    await post(server, { events: [EVENT] });
    await fetch(`${urlOf(server.ingest)}/ready`);
    await fetch(`${urlOf(server.ingest)}/sk-planted-in-a-path`);
    await server.close();
    backend.closeAllConnections();
    backend.close();
    const spans = bodies.flatMap((body) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans);
    expect(spans.map((span: { name: string; kind: number }) => [span.name, span.kind]).toSorted()).toEqual([
      ['GET /{bucket}/{key}', 2],
      ['POST /dp/telemetry', 2],
    ]);
    expect(bodies.join('')).not.toContain('planted');
  });

  it('says how a followed bucket does', async () => {
    const follow = {
      name: 'logs',
      endpoint: 'http://127.0.0.1:1',
      bucket: 'logs',
      credentials: { id: 'A', secret: 'bbbb' },
    };
    const server = await start({ inputs: { follow_bucket: [{ ...follow, interval: '1s' }] } });
    await expect
      .poll(async () => (await server.status()).followers, { timeout: 10_000 })
      .toMatchObject([{ name: 'logs', bucket: 'logs', state: 'failing', fault: { code: expect.any(String) } }]);
  });

  it('keeps notes of refused bytes where that is switched on', async () => {
    const server = await start({ inputs: { keep_refused: true, telemetry: { tokens: [{ token: TOKEN }] } } });
    await fetch(`${urlOf(server.ingest)}/dp/telemetry`, {
      method: 'POST',
      body: '{"events": sk-good-A',
      headers: { authorization: `Bearer ${TOKEN}`, 'x-aisix-environment': 'prod', 'content-type': 'application/json' },
    });
    const [name = ''] = readdirSync(join(root, 'data', 'refused'));
    const text = readFileSync(join(root, 'data', 'refused', name), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ input: 'telemetry', code: 'invalid_json' });
    expect(text).not.toContain('sk-good-A');
  });
});

describe('stopping', () => {
  it('finishes what is in flight, answers new requests with 503, drains within the limit', async () => {
    const server = await start({ limits: { shutdown: '3s' } });
    const { port, host } = server.ingest;
    const body = JSON.stringify({ events: [EVENT] });
    const socket = connect(port, host);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write(
      `POST /dp/telemetry HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\nx-aisix-environment: prod\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    // The headers are there, the body is not: the request is in flight.
    await expect.poll(async () => (await fetch(`${urlOf(server.ingest)}/ready`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = server.close();
    const late = await post(server, { events: [EVENT] });
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await fetch(`${urlOf(server.api)}/ready`)).status).toBe(503);
    expect((await fetch(`${urlOf(server.api)}/health`)).status).toBe(200);
    socket.write(body);
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"accepted":1\}/);
    socket.destroy();
    expect(path.closes[0]).toBeGreaterThan(1500);
    expect(path.closes[0]).toBeLessThanOrEqual(3000);
    await expect(fetch(`${urlOf(server.ingest)}/health`)).rejects.toThrow();
  });

  it('does not wait longer than the limit for a sender that hangs', async () => {
    const server = await start({ limits: { shutdown: '1s' } });
    const socket = connect(server.ingest.port, server.ingest.host);
    socket.on('error', () => {});
    socket.write(
      `POST /dp/telemetry HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\nx-aisix-environment: prod\r\ncontent-length: 10\r\n\r\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const startedAt = performance.now();
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(2000);
    socket.destroy();
  });
});

describe('who may look', () => {
  const tokens = [
    { name: 'scraper', token: 'metrics-token-1', scopes: ['metrics'] },
    { name: 'scripts', token: 'requests-token-1', scopes: ['requests'] },
  ];
  const get = (server: RunningServer, route: string, headers: Record<string, string>) =>
    fetch(urlOf(server.api) + route, { headers });

  it('asks whoever comes through a proxy for a token with the scope', async () => {
    const server = await start({ access: { tokens } });
    const remote = { 'x-forwarded-for': '192.0.2.1' };
    const outcomes = await Promise.all(
      [
        get(server, '/metrics', remote),
        get(server, '/metrics', { ...remote, authorization: 'Bearer wrong' }),
        get(server, '/metrics', { ...remote, authorization: 'Bearer requests-token-1' }),
        get(server, '/metrics', { ...remote, authorization: 'Bearer metrics-token-1' }),
        get(server, '/status', { ...remote, authorization: 'Bearer metrics-token-1' }),
      ].map(async (pending) => {
        const response = await pending;
        const text = await response.text();
        expect(text).not.toContain('wrong');
        return [response.status, response.status === 200 ? 'ok' : JSON.parse(text).error.code];
      }),
    );
    expect(outcomes).toEqual([
      [401, 'token_required'],
      [401, 'token_unknown'],
      [403, 'scope_missing'],
      [200, 'ok'],
      [403, 'scope_missing'],
    ]);
  });

  it('does not take a browser that was led to this machine by a foreign name for a local one', async () => {
    const server = await start();
    const status = await new Promise<string>((resolve) => {
      const socket = connect(server.api.port, server.api.host);
      socket.on('data', (chunk) => resolve(String(chunk).slice(0, 12)));
      socket.write('GET /metrics HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n');
    });
    expect(status).toBe('HTTP/1.1 401');
  });
});

describe('TLS', () => {
  const authority = issueCertificate({ name: 'test authority' });
  const stranger = issueCertificate({ name: 'another authority' });
  const dataPlane = (issuer: typeof authority) =>
    issueCertificate({
      name: 'dp',
      issuer,
      alternativeNames: [`URI:x-aisix://env/${PROD}`, 'URI:x-aisix://dp/dp-1'],
    });

  async function startWithTls() {
    const server = issueCertificate({ name: 'server', issuer: authority, alternativeNames: ['IP:127.0.0.1'] });
    const file = (name: string, text: string) => {
      const target = join(root, name);
      writeFileSync(target, text, { mode: 0o600 });
      return target;
    };
    const tls = {
      cert_file: file('cert.pem', server.cert),
      key_file: file('key.pem', server.key),
      client_ca_file: file('ca.pem', authority.cert),
    };
    return start({ ingest: { port: 0, tls }, inputs: { telemetry: {} } });
  }

  const send = (server: RunningServer, client: { cert?: string; key?: string }, target = '/dp/telemetry') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const options = {
        host: server.ingest.host,
        port: server.ingest.port,
        path: target,
        method: 'POST',
        ca: authority.cert,
        ...client,
      };
      const request = httpsRequest(
        { ...options, headers: { 'content-type': 'application/json' }, agent: false },
        (response) => {
          let body = '';
          response.on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      request.on('error', reject);
      request.end(JSON.stringify({ events: [EVENT] }));
    });

  it('knows a data plane by its certificate, and lets others knock without one', async () => {
    const server = await startWithTls();
    const { cert, key } = dataPlane(authority);
    expect(await send(server, { cert, key })).toEqual({ status: 200, body: '{"accepted":1}' });
    const reader = openStreamFile(join(root, 'data', 'deliveries.db'), { readOnly: true });
    const [row] = reader.stream('deliveries').read(0, { rows: 1, bytes: 1e6 });
    await reader.close();
    expect(JSON.parse(row?.payload ?? '')).toMatchObject({ environment: PROD, dataPlane: 'dp-1' });

    expect((await send(server, {})).status).toBe(401);
    const foreign = dataPlane(stranger);
    expect((await send(server, { cert: foreign.cert, key: foreign.key })).status).toBe(401);
    expect((await send(server, {}, '/nowhere')).status).toBe(404);
    const plain = connect(server.ingest.port, server.ingest.host).end('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) =>
      plain
        .on('close', resolve)
        .on('error', () => {})
        .resume(),
    );
    const text = await metricsOf(server);
    expect(metric(text, 'aisix_http_unreadable_total{listener="ingest",code="tls_failed"}')).toBe(1);
    expect(text).not.toContain('code="bad_request"');
  });

  it('says which listener has a key that is none', async () => {
    const bad = join(root, 'bad.pem');
    writeFileSync(bad, 'no pem');
    await expect(start({ ingest: { port: 0, tls: { cert_file: bad, key_file: bad } } })).rejects.toMatchObject({
      code: 'listen_failed',
      message: expect.stringContaining('"ingest"'),
    });
  });
});

async function metricsOf(server: RunningServer): Promise<string> {
  return (await fetch(`${urlOf(server.api)}/metrics`)).text();
}

function metric(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}
