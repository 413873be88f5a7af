import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { controlSocketOf, createControlClient, type ServerStatus } from '@aisix-observability/server';
import { stringify } from 'yaml';
import { RECORDED_ENVIRONMENT, RECORDED_SIGNING } from '../recordings/index.ts';

const MAIN = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

/** The server as a process of its own, measured from outside. */
export interface ServerProcess {
  readonly ingestUrl: string;
  readonly dataDir: string;
  readonly configFile: string;
  status(): Promise<ServerStatus>;
  /** Resident memory and processor time used so far. */
  usage(): { readonly residentBytes: number; readonly cpuSeconds: number };
  stop(): Promise<void>;
}

export const BENCH_TOKEN = 'bench-token';

/** Starts `start --config` on a temporary directory. `destinations` and `limits` are those of the configuration file. */
export async function startServerProcess(
  settings: {
    readonly destinations?: readonly object[];
    readonly limits?: object;
    readonly nodeFlags?: readonly string[];
  } = {},
): Promise<ServerProcess> {
  const root = mkdtempSync(join(tmpdir(), 'aisix-bench-'));
  const dataDir = join(root, 'data');
  const configFile = join(root, 'config.yaml');
  writeFileSync(
    configFile,
    stringify({
      data_dir: dataDir,
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
  const child = spawn(process.execPath, [...(settings.nodeFlags ?? []), MAIN, 'start', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const control = createControlClient(controlSocketOf(dataDir));
  const status = () => control.get<ServerStatus>('/status');
  const { ingest } = await untilReady(child, status, complaints);
  return {
    ingestUrl: `http://${ingest.host}:${ingest.port}`,
    dataDir,
    configFile,
    status,
    usage: () => usageOf(child.pid ?? 0),
    async stop() {
      control.close();
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function untilReady(
  child: ChildProcess,
  status: () => Promise<ServerStatus>,
  complaints: readonly string[],
): Promise<ServerStatus> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server did not start:\n${complaints.join('')}`);
    try {
      return await status();
    } catch {
      await sleep(50);
    }
  }
}

/** Linux only, like the machines that benchmarks run on. */
function usageOf(pid: number): { residentBytes: number; cpuSeconds: number } {
  const residentKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { residentBytes: residentKib * 1024, cpuSeconds: ticks / 100 };
}
