import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFrom, type RunningServer, startServer } from '@aisix-observability/server';
import { type OtlpSink, startOtlpSink } from '../fakes/otlpSink.ts';
import { RECORDED_ENVIRONMENT, RECORDED_OTLP_TOKEN, RECORDED_SIGNING, signUpload } from '../recordings/index.ts';
import { CollectedSpans } from './collectedSpans.ts';

const TELEMETRY_TOKEN = 'telemetry-token';

/** The whole server in this process, before one backend that remembers what it got. */
export interface Rig {
  readonly server: RunningServer;
  readonly sink: OtlpSink;
  readonly spans: CollectedSpans;
  readonly dataDir: string;
  /** Input 1: a signed upload. */
  upload(path: string, body: Buffer): Promise<Response>;
  /** Input 3. */
  traces(body: unknown): Promise<Response>;
  /** Input 4, by token. */
  telemetry(body: unknown): Promise<Response>;
  /** Waits until every delivery is assembled, nothing is open and everything is delivered. */
  settled(timeoutMillis?: number): Promise<void>;
  close(): Promise<void>;
}

/** @param overrides Keys of the configuration file that replace the rig's own. */
export async function startRig(overrides: Record<string, unknown> = {}): Promise<Rig> {
  const root = mkdtempSync(join(tmpdir(), 'aisix-e2e-'));
  const spans = new CollectedSpans();
  const sink = await startOtlpSink({ onAccepted: spans.take });
  const dataDir = join(root, 'data');
  const { config } = configFrom({
    data_dir: dataDir,
    redaction: { key: 'redaction-key-of-tests' },
    ingest: { port: 0 },
    api: { port: 0 },
    environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
    inputs: {
      object_store: {
        access_keys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
        buckets: [{ bucket: 'gateway-logs', prefix: 'aisix/prod', environment: 'prod' }],
      },
      otlp: { tokens: [{ token: RECORDED_OTLP_TOKEN, environment: 'prod' }] },
      telemetry: { tokens: [{ token: TELEMETRY_TOKEN, environment: 'prod' }] },
    },
    destinations: [{ name: 'sink', endpoint: sink.url, protocol: 'http/json' }],
    limits: { failed_grace: '500ms', feed_grace: '300ms' },
    ...overrides,
  });
  const server = await startServer(config);
  const base = `http://${server.ingest.host}:${server.ingest.port}`;
  const json = (path: string, token: string, body: unknown): Promise<Response> =>
    fetch(base + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-aisix-environment': 'prod' },
      body: JSON.stringify(body),
    });

  return {
    server,
    sink,
    spans,
    dataDir,
    async upload(path, body) {
      const url = new URL(base);
      const headers = await signUpload({ url: path, body, ...RECORDED_SIGNING, date: new Date(), host: url.host });
      return fetch(base + path, { method: 'PUT', headers: { ...headers }, body: new Uint8Array(body) });
    },
    traces: (body) => json('/v1/traces', RECORDED_OTLP_TOKEN, body),
    telemetry: (body) => json('/dp/telemetry', TELEMETRY_TOKEN, body),
    async settled(timeoutMillis = 30_000) {
      const deadline = Date.now() + timeoutMillis;
      for (;;) {
        const { path } = await server.status();
        const behind = path.destinations.some((destination) => destination.backlogRows !== 0);
        const assembled = path.assemblyPosition === path.deliveries.lastSeq;
        if (assembled && path.openRequests === 0 && !behind) return;
        if (Date.now() > deadline) throw new Error(`not settled: ${JSON.stringify(path)}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async close() {
      await server.close();
      await sink.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
