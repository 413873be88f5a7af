import { execFile, spawn } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** Its S3 alone: the extra `server` would bring four times as much for services that nobody asks. */
const REQUIREMENTS = ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];
const CACHE = join(tmpdir(), 'aisix-observability-moto-5.2.5');
const INSTALL_TIMEOUT_MILLIS = 240_000;
const START_TIMEOUT_MILLIS = 60_000;

const run = promisify(execFile);

/** A real S3-compatible server, written by others, on a port of its own. */
export interface MotoServer {
  readonly endpoint: string;
  close(): void;
}

/**
 * Starts the server, after installing it into a virtual environment outside the repository where that was not done
 * before.
 *
 * @returns why it cannot be had, on a machine without Python. In CI that is an error.
 */
export async function startMoto(): Promise<MotoServer | { readonly unavailable: string }> {
  try {
    return await start(await installed());
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown';
    if (!['', 'false', undefined].includes(process.env.CI))
      throw new Error('CI needs the S3 server of the bucket tests', { cause: error });
    return { unavailable: `no S3-compatible server (python3 with pip and ${REQUIREMENTS[0]}): ${reason}` };
  }
}

/** Path of a Python that has the server. */
async function installed(): Promise<string> {
  if (existsSync(join(CACHE, 'ready'))) return join(CACHE, 'bin', 'python');
  // Built aside and moved, so that an interrupted or a second installation leaves nothing half done.
  const aside = `${CACHE}.${process.pid}`;
  try {
    await mkdir(aside, { recursive: true });
    await createVenv(aside);
    await run(
      join(aside, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...REQUIREMENTS],
      { timeout: INSTALL_TIMEOUT_MILLIS },
    );
    await writeFile(join(aside, 'ready'), '');
    if (!existsSync(join(CACHE, 'ready'))) {
      rmSync(CACHE, { recursive: true, force: true });
      renameSync(aside, CACHE);
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(CACHE, 'bin', 'python');
}

async function createVenv(dir: string): Promise<void> {
  try {
    await run('python3', ['-m', 'venv', dir]);
  } catch (error) {
    // Debian ships Python without venv.
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw error;
    const options = { timeout: INSTALL_TIMEOUT_MILLIS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'python3', 'python3-venv'], options);
    await run('python3', ['-m', 'venv', dir]);
  }
}

async function start(python: string): Promise<MotoServer> {
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Credentials of this machine are none of the server's business.
    env: { PATH: process.env.PATH ?? '', HOME: tmpdir(), PYTHONUNBUFFERED: '1' },
  });
  const port = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it did not start in time')), START_TIMEOUT_MILLIS);
    const lines: string[] = [];
    for (const stream of [server.stdout, server.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const found = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (found !== undefined) {
          clearTimeout(timer);
          resolve(found);
        }
      });
    }
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`it ended at once: ${lines.at(-1) ?? ''}`)));
  });
  return { endpoint: `http://127.0.0.1:${port}`, close: () => void server.kill() };
}
