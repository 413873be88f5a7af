import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerStatus } from '@aisix-observability/server';
import { RECORDED_ENVIRONMENT, RECORDED_OTLP_TOKEN, RECORDED_SIGNING } from '../recordings/index.ts';
import { type LaunchOptions, launchServer, type ServerProcess } from '../serverProcess.ts';
import { type WaitOptions, waitFor } from './waiting.ts';

export const TELEMETRY_TOKEN = 'telemetry-token';
export const BUCKET = { bucket: 'gateway-logs', prefix: 'aisix/prod' } as const;

/** A destination in the words of the configuration file. */
export interface DestinationEntry {
  readonly name: string;
  readonly endpoint: string;
  readonly [key: string]: unknown;
}

export interface FaultRigOptions {
  readonly destinations: readonly DestinationEntry[];
  /** Keys of `limits` beside the rig's own, which make waiting short. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** Where the data directory lies; absent: beside the configuration. */
  readonly dataDir?: string;
  readonly launch?: Omit<LaunchOptions, 'configFile'>;
}

/** A place on disk with a configuration, and the server process that runs on it at the moment. */
export interface FaultRig extends AsyncDisposable {
  readonly root: string;
  readonly dataDir: string;
  readonly configFile: string;
  /** The last one launched, running or not. */
  readonly server: ServerProcess;
  /** Starts a server and does not wait for it. */
  launch(): ServerProcess;
  /** Starts a server and waits until it is ready. */
  start(): Promise<ServerProcess>;
  /** The ingest listener of the server that runs; undefined while none is ready. */
  ingest(): string | undefined;
  /** Waits until all that was accepted is assembled and delivered to the destinations named (all of them by default). */
  settled(options?: { readonly destinations?: readonly string[] } & WaitOptions): Promise<ServerStatus>;
  /** Runs another command beside the server. */
  command(...words: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }>;
}

export function createFaultRig(options: FaultRigOptions): FaultRig {
  const root = mkdtempSync(join(tmpdir(), 'aisix-faults-'));
  const dataDir = options.dataDir ?? join(root, 'data');
  const configFile = join(root, 'config.yaml');
  // JSON is YAML.
  writeFileSync(
    configFile,
    JSON.stringify({
      data_dir: dataDir,
      redaction: { key: 'redaction-key-of-tests' },
      ingest: { port: 0 },
      api: { port: 0 },
      environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
      inputs: {
        object_store: {
          access_keys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
          buckets: [{ ...BUCKET, environment: 'prod' }],
        },
        otlp: { tokens: [{ token: RECORDED_OTLP_TOKEN, environment: 'prod' }] },
        telemetry: { tokens: [{ token: TELEMETRY_TOKEN, environment: 'prod' }] },
      },
      destinations: options.destinations.map((entry) => ({ protocol: 'http/json', ...entry })),
      limits: { failed_grace: '500ms', feed_grace: '500ms', ...options.limits },
    }),
  );
  let server: ServerProcess | undefined;
  const current = (): ServerProcess => {
    if (server === undefined) throw new Error('no server was started on this rig');
    return server;
  };
  const launch = (): ServerProcess => {
    server = launchServer({ configFile, ...options.launch });
    return server;
  };
  return {
    root,
    dataDir,
    configFile,
    get server() {
      return current();
    },
    launch,
    async start() {
      const started = launch();
      await started.ready;
      return started;
    },
    ingest: () => server?.addresses?.ingest,
    settled: ({ destinations, ...wait } = {}) => {
      let seen: ServerStatus | undefined;
      return waitFor(
        'everything to be delivered',
        async () => {
          seen = await current().status();
          const { path } = seen;
          const counted = path.destinations.filter(({ name }) => destinations?.includes(name) ?? true);
          const done =
            path.assemblyPosition === path.deliveries.lastSeq &&
            path.openRequests === 0 &&
            counted.every(({ backlogRows }) => backlogRows === 0);
          return done && seen;
        },
        { last: () => seen?.path, ...wait },
      );
    },
    command: (...words) => runCommand([...words, '--config', configFile]),
    async [Symbol.asyncDispose]() {
      if (server !== undefined && !server.gone) await server.end('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const MAIN = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

function runCommand(words: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    timeout: 60_000,
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}
