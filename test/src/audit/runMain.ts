import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

/** A command in a process of its own. */
export interface RunningCommand {
  readonly output: () => string;
  /** Exit code; null when a signal ended it. */
  readonly exit: Promise<number | null>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function runMain(...args: readonly string[]): RunningCommand {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => text,
    exit,
    async end(signal) {
      child.kill(signal);
      return exit;
    },
  };
}
