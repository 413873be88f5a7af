import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORDED_ENVIRONMENT, RECORDED_SIGNING } from '../recordings/index.ts';
import { launchServer, type ServerProcess } from '../serverProcess.ts';

export const BENCH_TOKEN = 'bench-token';

/** The server on a directory of its own, as `pnpm start` starts it. */
export interface BenchServer {
  readonly ingestUrl: string;
  readonly configFile: string;
  readonly process: ServerProcess;
  stop(): Promise<void>;
}

/** `destinations` and `limits` are those of the configuration file; everything else is as a user leaves it. */
export async function startBenchServer(
  settings: {
    readonly destinations?: readonly object[];
    readonly limits?: object;
    readonly nodeArguments?: readonly string[];
  } = {},
): Promise<BenchServer> {
  const root = mkdtempSync(join(tmpdir(), 'aisix-bench-'));
  const configFile = join(root, 'config.yaml');
  // JSON is YAML.
  writeFileSync(
    configFile,
    JSON.stringify({
      data_dir: join(root, 'data'),
      redaction: { key: 'redaction-key-of-tests' },
      ingest: { port: 0 },
      api: { port: 0 },
      environments: [{ id: RECORDED_ENVIRONMENT, name: 'prod' }],
      inputs: {
        object_store: {
          access_keys: [{ id: RECORDED_SIGNING.accessKey, secret: RECORDED_SIGNING.secret }],
          buckets: [{ bucket: 'gateway-logs', prefix: 'aisix/prod', environment: 'prod' }],
        },
        otlp: { tokens: [{ token: BENCH_TOKEN, environment: 'prod' }] },
        telemetry: { tokens: [{ token: BENCH_TOKEN, environment: 'prod' }] },
      },
      destinations: settings.destinations ?? [],
      ...(settings.limits !== undefined && { limits: settings.limits }),
    }),
  );
  const server = launchServer({ configFile, nodeArguments: settings.nodeArguments ?? [] });
  const { ingest } = await server.ready;
  return {
    ingestUrl: ingest,
    configFile,
    process: server,
    async stop() {
      await server.end('SIGTERM');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
