import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics } from './recorder.ts';
import { SELF_RESOURCE } from './resource.ts';
import { startSelfTraces } from './selfTraces.ts';

interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An OTLP/HTTP backend that says yes to everything and remembers it. */
async function startBackend() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      received.push({ url: request.url ?? '', headers: request.headers, body: body.toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    received,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('telemetry of the server itself', () => {
  let own: Awaited<ReturnType<typeof startBackend>>;
  let users: Awaited<ReturnType<typeof startBackend>>;
  const before = { ...process.env };

  beforeEach(async () => {
    own = await startBackend();
    users = await startBackend();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = users.endpoint;
    process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${users.endpoint}/v1/traces`;
    process.env.OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer users-own-secret';
    process.env.OTEL_EXPORTER_OTLP_COMPRESSION = 'gzip';
  });

  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
    Object.assign(process.env, before);
    await Promise.all([own.close(), users.close()]);
  });

  it('does nothing without an endpoint, whatever OTEL_EXPORTER_OTLP_* says', async () => {
    expect(await startSelfTraces({ endpoint: '', headers: {} })).toBeUndefined();
    const metrics = createMetrics({ thread: 'main', telemetry: { endpoint: '', headers: {} } });
    metrics.recorder.count('aisix_deliveries_accepted', 1);
    await metrics.close();
    expect([...own.received, ...users.received]).toEqual([]);
  });

  it('sends its spans to its own endpoint, never with the headers meant for a destination', async () => {
    const traces = await startSelfTraces({ endpoint: own.endpoint, headers: { 'x-own': 'yes' } });
    traces?.tracer.startSpan('POST /v1/traces').end();
    await traces?.close();
    expect(users.received).toEqual([]);
    expect(own.received).toHaveLength(1);
    expect(own.received[0]?.url).toBe('/v1/traces');
    expect(own.received[0]?.headers).toMatchObject({ 'x-own': 'yes' });
    expect(own.received[0]?.headers.authorization).toBeUndefined();
    const span = JSON.parse(own.received[0]?.body ?? '').resourceSpans[0];
    expect(span.scopeSpans[0].spans[0].name).toBe('POST /v1/traces');
    expect(span.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'aisix-observability' },
    });
    expect(process.env.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(users.endpoint);
  });

  it('bears one name in all threads of the process', async () => {
    const source = `import { parentPort } from 'node:worker_threads';
      const { SELF_RESOURCE } = await import(${JSON.stringify(new URL('./resource.ts', import.meta.url).href)});
      parentPort.postMessage(SELF_RESOURCE);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const [resource] = await once(worker, 'message');
    await worker.terminate();
    expect(resource).toEqual(SELF_RESOURCE);
  });

  it('can be started again in the same process', async () => {
    for (const name of ['first', 'second']) {
      const traces = await startSelfTraces({ endpoint: own.endpoint, headers: {} });
      traces?.tracer.startSpan(name).end();
      await traces?.close();
    }
    expect(own.received).toHaveLength(2);
  });

  it('pushes its metrics to its own endpoint, what is left at the end included', async () => {
    const metrics = createMetrics({ thread: 'main', telemetry: { endpoint: `${own.endpoint}/`, headers: {} } });
    metrics.recorder.count('aisix_deliveries_accepted', 5, { input: 'otlp' });
    await metrics.close();
    expect(users.received).toEqual([]);
    expect(own.received.map(({ url }) => url)).toEqual(['/v1/metrics']);
    expect(own.received[0]?.headers.authorization).toBeUndefined();
    expect(own.received[0]?.body).toContain('aisix_deliveries_accepted');
  });
});
