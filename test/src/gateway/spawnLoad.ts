import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadReport } from './loadRun.ts';

const PROGRAM = fileURLToPath(new URL('./loadProcess.ts', import.meta.url));

/** Runs the load generator in a process of its own with the given flags (`--url`, `--input`, …). */
export async function spawnLoad(
  flags: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
): Promise<LoadReport> {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { signal });
  return JSON.parse(stdout) as LoadReport;
}

/** A load that goes on until it is stopped. */
export interface RunningLoad {
  stop(): Promise<LoadReport>;
}

/** The same without an end: `--seconds` is its longest time. */
export function startLoad(flags: Readonly<Record<string, string | number>>): RunningLoad {
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const written = text(child.stdout);
  return {
    async stop() {
      child.kill('SIGTERM');
      return JSON.parse(await written) as LoadReport;
    },
  };
}
