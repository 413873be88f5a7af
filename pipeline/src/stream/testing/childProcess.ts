import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A program of this folder in a process of its own, and the lines that it has printed. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves with the first line, past or to come, that matches; rejects when the process ends without it. */
  line(pattern: RegExp): Promise<string>;
  say(line: string): void;
  /** `kill -9`; resolves when it is gone and all that it printed has been read. */
  kill(): Promise<void>;
}

/** @param fileSizeBlocks `ulimit -f`, soft: blocks of 512 or 1024 bytes, as the shell has it. */
export function startChild(
  program: string,
  args: readonly string[],
  { fileSizeBlocks }: { readonly fileSizeBlocks?: number } = {},
): Child {
  const command = [process.execPath, fileURLToPath(new URL(program, import.meta.url)), ...args];
  const child =
    fileSizeBlocks === undefined
      ? spawn(command[0] as string, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
      : spawn('sh', ['-c', `ulimit -S -f ${fileSizeBlocks} && exec "$@"`, 'sh', ...command], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
  const lines: string[] = [];
  const closed = once(child, 'close');
  const reader = createInterface({ input: child.stdout });
  const read = once(reader, 'close');
  const ended = Promise.all([closed, read]).then(([[code, signal]]) => {
    throw new Error(`the child ended with ${code ?? signal}`);
  });
  // Only those who wait for a line mind.
  ended.catch(() => {});
  reader.on('line', (line) => lines.push(line));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });

  return {
    process: child,
    lines,
    async line(pattern) {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
    say(line) {
      child.stdin.write(`${line}\n`);
    },
    async kill() {
      child.kill('SIGKILL');
      await Promise.all([closed, read]);
    },
  };
}
