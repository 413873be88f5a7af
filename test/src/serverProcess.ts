import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServerStatus } from '@aisix-observability/server';
import manifest from '../../package.json' with { type: 'json' };

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

/** What `pnpm start` tells node before the name of the program. */
const START_ARGUMENTS = /node (--.*) server\/src\/main\.ts start/.exec(manifest.scripts.start)?.[1]?.split(' ') ?? [];

/** One line of the server's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Base URLs of a server that is ready. */
export interface Addresses {
  readonly ingest: string;
  readonly api: string;
}

/** The real server in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** Rejects when the process ends before it is ready. */
  readonly ready: Promise<Addresses>;
  /** Present from `ready` on until the process is gone. */
  readonly addresses: Addresses | undefined;
  readonly log: readonly LogLine[];
  /** Lines on standard error that are no log lines: warnings of node, stack traces. */
  readonly noise: readonly string[];
  readonly exit: Promise<Exit>;
  readonly gone: boolean;
  /** Sends a signal; resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  status(): Promise<ServerStatus>;
  metrics(): Promise<string>;
  /** Resident memory and processor time used so far, of all threads. Linux only. */
  usage(): { readonly residentBytes: number; readonly cpuSeconds: number };
}

export interface LaunchOptions {
  readonly configFile: string;
  /** Before the name of the program. */
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `ulimit -f`, soft, in blocks of 512 bytes. */
  readonly fileSizeBlocks?: number;
}

/** Processes that still run; whoever ends takes them along. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `server/src/main.ts start --config …`; the addresses are read from the log line that says it is ready. */
export function launchServer(options: LaunchOptions): ServerProcess {
  const nodeArguments = [...START_ARGUMENTS, ...(options.nodeArguments ?? [])];
  const command = [process.execPath, ...nodeArguments, MAIN, 'start', '--config', options.configFile];
  const [program = '', ...programArguments] =
    options.fileSizeBlocks === undefined
      ? command
      : // In POSIX mode a block is 512 bytes; elsewhere shells disagree.
        ['bash', '--posix', '-c', `ulimit -S -f ${options.fileSizeBlocks} && exec "$@"`, 'bash', ...command];
  const child = spawn(program, programArguments, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...options.env },
  });
  running.add(child);
  const log: LogLine[] = [];
  const noise: string[] = [];
  let addresses: Addresses | undefined;
  let gone = false;
  const ready = Promise.withResolvers<Addresses>();
  // Who kills a server that starts does not wait for it.
  ready.promise.catch(() => {});

  createInterface({ input: child.stderr }).on('line', (text) => {
    const line = readLine(text);
    if (line === undefined) {
      noise.push(text);
      return;
    }
    log.push(line);
    if (line.message === 'The server is ready.') {
      addresses = { ingest: String(line.ingest), api: String(line.api) };
      ready.resolve(addresses);
    }
  });
  const exit = once(child, 'close').then(([code, signal]): Exit => {
    gone = true;
    running.delete(child);
    addresses = undefined;
    const told = [...log.slice(-5).map((line) => JSON.stringify(line)), ...noise.slice(-10)].join('\n');
    ready.reject(new Error(`the server ended with ${String(code ?? signal)} before it was ready\n${told}`));
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });

  const get = async (path: string): Promise<Response> => {
    const { api } = await ready.promise;
    const response = await fetch(api + path, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  };

  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    get addresses() {
      return addresses;
    },
    log,
    noise,
    exit,
    get gone() {
      return gone;
    },
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      return exit;
    },
    status: async () => (await (await get('/status')).json()) as ServerStatus,
    metrics: async () => (await get('/metrics')).text(),
    usage: () => usageOf(child.pid ?? 0),
  };
}

function readLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

/** Clock ticks of Linux's `/proc`, per second. */
const TICKS = 100;

function usageOf(pid: number): { residentBytes: number; cpuSeconds: number } {
  const residentKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { residentBytes: residentKib * 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
}
