import { execFile } from 'node:child_process';
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
