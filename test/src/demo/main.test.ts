import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const SERVER = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));

describe('the demo as a process', () => {
  let temp: string;
  beforeEach(async () => {
    temp = await mkdtemp(join(tmpdir(), 'demo-test-'));
  });
  afterEach(() => rm(temp, { recursive: true }));

  const start = (args: string[]) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: temp } });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      said.out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.err += chunk.toString();
    });
    return { child, said, ended: once(child, 'exit') as Promise<[number | null, string | null]> };
  };

  it('replays, goes live, ends by itself and leaves nothing behind', async () => {
    const { said, ended } = start(['--seconds', '10', '--rate', '20']);
    const [code] = await ended;
    expect(said.err).toBe('');
    expect(code).toBe(0);
    const lines = said.out.split('\n');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d starting the server/);
    expect(said.out).toMatch(/replay: a recorded evening [\d,]+ of 1,322 deliveries/);
    const [, into, out] = /([\d,]+) deliveries in {2}→ {2}([\d,]+) requests out/.exec(said.out) ?? [];
    expect(Number(into?.replace(',', ''))).toBeGreaterThan(20);
    expect(Number(out?.replace(',', ''))).toBeGreaterThan(50);
    expect(said.out).not.toContain('refused');
    expect(said.out).not.toMatch(/[^\P{Cc}\n]/u);
    expect(await readdir(temp)).toEqual([]);
  });

  it('says where the API is, with questions that it answers, and ends cleanly on Ctrl-C in the middle of the replay', async () => {
    const { child, said, ended } = start([]);
    while (!said.out.includes('deliveries')) await delay(50);
    expect(said.out).toMatch(/^The query API is at http:\/\/127\.0\.0\.1:\d+\./m);
    const [, page = ''] =
      /^The Grafana data source, without a Grafana: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(said.out) ?? [];
    expect(await (await fetch(page)).text()).toContain('Preparing the preview');
    const questions = said.out.split('\n').filter((line) => line.startsWith('curl '));
    expect(questions).toHaveLength(4);
    const ask = async (line: string) => JSON.parse((await promisify(execFile)('sh', ['-c', line])).stdout);
    const [search = '', volume = '', metrics = '', incidents = ''] = questions;
    await expect.poll(async () => (await ask(search)).requests, { timeout: 30_000, interval: 500 }).toHaveLength(3);
    for (const line of [volume, metrics]) expect((await ask(line)).series.length).toBeGreaterThan(1);
    expect(await ask(incidents)).toMatchObject({ incidents: expect.any(Array), requests: expect.any(Number) });
    const [, command = '', configFile = ''] = /pnpm (investigate) --config (\S+) <request id>$/m.exec(said.out) ?? [];
    const { requestId } = (await ask(search)).requests[0];
    const explained = await promisify(execFile)(process.execPath, [SERVER, command, '--config', configFile, requestId]);
    expect(explained.stdout).toContain(`Request ${requestId} in prod, `);
    // The story's changes, each by who made it.
    const changes = () => said.out.match(/◆ .+ {2}by /g)?.length ?? 0;
    await expect.poll(changes, { timeout: 30_000, interval: 200 }).toBeGreaterThanOrEqual(15);
    child.kill('SIGINT');
    const [code] = await ended;
    expect(code).toBe(0);
    expect(said.out).toContain('The demo has ended');
    expect(await readdir(temp)).toEqual([]);
  });
});
