import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FAKE_TOKEN, type FakeGrafana, startFakeGrafana } from '../fakes/grafanaAnnotations.ts';
import { type OtlpSink, type SinkRequest, startOtlpSink } from '../fakes/otlpSink.ts';
import { RECORDED_ENVIRONMENT, RECORDED_OTLP_TOKEN, RECORDED_SIGNING } from '../recordings/index.ts';
import { type Addresses, launchServer, type ServerProcess } from '../serverProcess.ts';
import { WEBHOOK_SECRET } from './signedDelivery.ts';

export const OTHER_ENVIRONMENT = '5a6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a12';
export const DATA_PLANE = 'dp-1';
export const TELEMETRY_TOKEN = 'telemetry-token-of-the-tests';

/** Tokens of the api: of a viewer, of an audit reader of everything, and of one who sees one environment. */
export const VIEWER = 'viewer-token-of-the-tests';
export const AUDITOR = 'auditor-token-of-the-tests';
export const NARROW_AUDITOR = 'narrow-auditor-token-of-the-tests';

/** The real server in a process of its own between a fake data plane's files, a fake Grafana and a fake backend. */
export interface AuditServer {
  readonly root: string;
  readonly dataDir: string;
  readonly cacheFile: string;
  readonly configFile: string;
  readonly grafana: FakeGrafana;
  readonly sink: OtlpSink;
  /** Requests that the backend took. */
  readonly received: SinkRequest[];
  server: ServerProcess;
  addresses: Addresses;
  /** Bodies of the fake Grafana's annotations but for the probe's. */
  texts(): string[];
  ask(path: string, body: unknown, token: string, method?: string): Promise<Response>;
  restart(signal?: NodeJS.Signals): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Keys of the configuration file that are added or replaced. */
type More = Readonly<Record<string, unknown>>;

/** What is there before the server starts. */
interface Surroundings {
  readonly root: string;
  readonly cacheFile: string;
  readonly grafana: FakeGrafana;
}

export async function startAuditServer(more: More | ((there: Surroundings) => More) = {}): Promise<AuditServer> {
  const root = mkdtempSync(join(tmpdir(), 'aisix-audit-'));
  const grafana = await startFakeGrafana();
  const received: SinkRequest[] = [];
  const sink = await startOtlpSink({ onAccepted: (request) => received.push(request) });
  const dataDir = join(root, 'data');
  const cacheFile = join(root, 'config_cache.json');
  const configFile = join(root, 'config.yaml');
  const prod = 'prod';
  writeFileSync(
    configFile,
    stringify({
      data_dir: dataDir,
      redaction: { key: 'redaction-key-of-tests' },
      ingest: { port: 0 },
      api: { port: 0 },
      environments: [
        { id: RECORDED_ENVIRONMENT, name: prod },
        { id: OTHER_ENVIRONMENT, name: 'staging' },
      ],
      inputs: {
        object_store: {
          access_keys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
          buckets: [{ bucket: 'gateway-logs', prefix: 'aisix/prod', environment: prod }],
        },
        otlp: { tokens: [{ token: RECORDED_OTLP_TOKEN, environment: prod }] },
        telemetry: { tokens: [{ token: TELEMETRY_TOKEN, environment: prod }] },
      },
      destinations: [
        { name: 'sink', endpoint: sink.url, protocol: 'http/json' },
        {
          name: 'narrow',
          endpoint: `${sink.url}/narrow`,
          protocol: 'http/json',
          filter: { environments: ['staging'] },
        },
      ],
      audit: {
        webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }],
        watch: [{ name: 'cache', kind: 'config_cache', path: cacheFile, environment: prod, data_plane: DATA_PLANE }],
      },
      annotations: [{ name: 'main', url: grafana.url, token: FAKE_TOKEN, org_id: 1 }],
      access: {
        tokens: [
          { name: 'viewer', token: VIEWER, scopes: ['requests'] },
          { name: 'auditor', token: AUDITOR, scopes: ['requests', 'changes'] },
          { name: 'narrow', token: NARROW_AUDITOR, scopes: ['requests', 'changes'], environments: ['staging'] },
        ],
      },
      ...(typeof more === 'function' ? more({ root, cacheFile, grafana }) : more),
    }),
  );
  const server = launchServer({ configFile });
  const rig: AuditServer = {
    root,
    dataDir,
    cacheFile,
    configFile,
    grafana,
    sink,
    received,
    server,
    addresses: await server.ready,
    texts: () =>
      [...grafana.annotations.values()]
        .filter(({ tags }) => tags.some((tag) => tag.startsWith('kind_')))
        .map(({ text }) => text),
    ask: (path, body, token, method = 'POST') =>
      fetch(rig.addresses.api + path, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      }),
    async restart(signal = 'SIGTERM') {
      await rig.server.end(signal);
      rig.server = launchServer({ configFile });
      rig.addresses = await rig.server.ready;
    },
    async [Symbol.asyncDispose]() {
      await rig.server.end('SIGTERM');
      await grafana.close();
      await sink.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return rig;
}
