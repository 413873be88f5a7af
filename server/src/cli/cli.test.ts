import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { silentLog } from '@aisix-observability/pipeline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServerStatus } from '../index.ts';
import type { CommandIo } from './commandIo.ts';
import { runCommand } from './program.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const TOKEN = 'a-token-for-tests';

/** An OTLP backend that answers every request with one status, or never (`hang`). */
class Backend {
  readonly bodies: Buffer[] = [];
  status: number | 'hang' = 200;
  requests = 0;
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests += 1;
      if (this.status === 'hang') return;
      if (this.status === 200) this.bodies.push(Buffer.concat(chunks));
      response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
    });
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get text(): string {
    return Buffer.concat(this.bodies).toString();
  }
}

let root = '';
const children: ChildProcess[] = [];
const backend = new Backend();
let endpoint = '';

beforeAll(async () => {
  endpoint = await backend.listen();
});
afterAll(() => backend.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-cli-'));
  backend.status = 200;
  backend.bodies.length = 0;
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  rmSync(root, { recursive: true, force: true });
});

function writeConfig(more = ''): string {
  const file = join(root, 'config.yaml');
  writeFileSync(
    file,
    `data_dir: data
store: { driver: none }
ingest: { port: 0 }
api: { port: 0 }
environments: [ { id: 0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11, name: prod } ]
inputs:
  object_store: { access_keys: [ { id: AK, secret: archive-secret } ], buckets: [ { bucket: gateway-logs, prefix: aisix/prod } ] }
  otlp: { tokens: [ { token: ${TOKEN} } ] }
  telemetry: { tokens: [ { token: ${TOKEN} } ] }
destinations: [ { name: sink, endpoint: "${endpoint}", protocol: http/json, compression: none, sampling: { ratio: 0.001 } } ]
limits: { feed_grace: 200ms, failed_grace: 200ms, send_test: 8s }
${more}`,
  );
  return file;
}

/** Runs a command in this process, as a user without a terminal would. */
async function run(args: readonly string[], overrides: Partial<CommandIo> = {}) {
  let out = '';
  let err = '';
  const code = await runCommand(args, {
    env: {},
    cwd: root,
    out: (text) => {
      out += text;
    },
    stdout: new Writable({
      write(chunk, _encoding, done) {
        out += chunk;
        done();
      },
    }),
    err: (text) => {
      err += text;
    },
    interactive: false,
    log: silentLog,
    now: Date.now,
    interrupted: new AbortController().signal,
    ...overrides,
  });
  return { code, out, err };
}

/** A server in a process of its own; resolves when it is ready. */
async function startChild(config: string): Promise<{ child: ChildProcess; log: () => string }> {
  const child = spawn(process.execPath, [MAIN, 'start', '--config', config], {
    cwd: root,
    env: { PATH: process.env.PATH },
  });
  children.push(child);
  let log = '';
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await expect.poll(() => log, { timeout: 20_000 }).toContain('The server is ready.');
  return { child, log: () => log };
}

async function statusOf(config: string): Promise<ServerStatus> {
  return JSON.parse((await run(['status', '--json', '--config', config])).out);
}

const exitOf = async (child: ChildProcess) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

function event(id: string) {
  return {
    request_id: id,
    trace_id: Buffer.from(id.padEnd(16, '.')).toString('hex').slice(0, 18) + 'f'.repeat(14),
    occurred_at: new Date(Date.now() - 5000).toISOString().replace(/\.\d+Z/, 'Z'),
    status_code: 200,
    attempt_index: 0,
    attempt_kind: 'initial',
    upstream_latency_ms: 12,
    requested_model: 'gpt-4o',
  };
}

async function postEvents(server: ServerStatus, ids: readonly string[]): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server.ingest.port}/dp/telemetry`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'x-aisix-environment': 'prod' },
    body: JSON.stringify({ events: ids.map(event) }),
  });
  return response.status;
}

describe('start', () => {
  it('delivers what it accepted, drains on SIGTERM and exits with 0', async () => {
    const config = writeConfig();
    const { child, log } = await startChild(config);
    expect(await postEvents(await statusOf(config), ['r-1', 'r-2'])).toBe(200);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
    expect(backend.text).toContain('r-1');
    expect(backend.text).toContain('r-2');
    for (const line of log().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
    expect(log()).not.toContain(TOKEN);
    expect(log()).toContain('Stopped.');
  });

  it('loses nothing to SIGKILL: the next start delivers it', async () => {
    const config = writeConfig('');
    backend.status = 503;
    const first = await startChild(config);
    expect(await postEvents(await statusOf(config), ['r-kept'])).toBe(200);
    first.child.kill('SIGKILL');
    await exitOf(first.child);
    backend.status = 200;
    await startChild(config);
    await expect.poll(() => backend.text, { timeout: 15_000 }).toContain('r-kept');
  });

  it('exits at once on the second signal', async () => {
    const config = writeConfig('');
    // A drain waits for what is in flight, so there is time for a second signal.
    backend.status = 'hang';
    backend.requests = 0;
    const { child, log } = await startChild(config);
    await postEvents(await statusOf(config), ['r-1']);
    await expect.poll(() => backend.requests, { timeout: 10_000 }).toBe(1);
    child.kill('SIGINT');
    await expect.poll(log).toContain('Stopping');
    const startedAt = performance.now();
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(130);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('exits with 2 and all errors when the configuration is wrong, with 4 when the directory is taken', async () => {
    const config = writeConfig();
    await startChild(config);
    expect(await run(['start', '--config', config])).toMatchObject({
      code: 4,
      err: expect.stringContaining('data_dir_locked'),
    });
    const wrong = await run(['start', '--config', writeConfig('prot: 1\nlimts: {}')]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/2 errors[\s\S]*prot[\s\S]*limts/);
  });
});

describe('status', () => {
  it('shows inputs and destinations', async () => {
    const config = writeConfig();
    await startChild(config);
    await postEvents(await statusOf(config), ['r-1']);
    await expect
      .poll(async () => (await run(['status', '--config', config])).out, { timeout: 10_000 })
      .toMatch(/telemetry +1 event in 1 delivery, last [\s\S]*sink +ok, http:\/\/127[\s\S]*delivered [1-9]/);
  });

  it('exits with 3 when no server runs', async () => {
    const result = await run(['status', '--config', writeConfig()]);
    expect(result).toEqual({
      code: 3,
      out: '',
      err: `server_not_running: no server is running on the data directory ${join(root, 'data')}; start one (\`start\`), or name the configuration of the one that runs (\`--config <file>\`)\n`,
    });
  });
});

describe('send-test', () => {
  it('sends a marked request through every input and sees it at every destination, whatever the sampling', async () => {
    const config = writeConfig();
    await startChild(config);
    const { code, out } = await run(['send-test', '--config', config]);
    expect(out).toContain('Every input and every destination works.');
    expect(code).toBe(0);
    const ids = [...out.matchAll(/^(.+): taken, (aisix-test-[0-9a-f]{16})$/gm)].map(
      ([, name, id]) => [name, id] as const,
    );
    expect(ids.map(([name]) => name)).toEqual([
      'object_store gateway-logs/aisix/prod',
      'otlp token 1',
      'telemetry token 1',
      'archive',
    ]);
    for (const [name, id] of ids) {
      expect(out).toContain(`${name} (${id})\n  assembled after`);
      expect(backend.text).toContain(id);
    }
    expect(out.match(/^ {2}sink: delivered$/gm)).toHaveLength(4);
    expect(backend.text).toContain('aisix-observability-send-test');
    expect(out).not.toContain(TOKEN);
  });

  it('says what a destination answered that does not take it, and exits with 1', async () => {
    const config = writeConfig();
    backend.status = 401;
    await startChild(config);
    const { code, out } = await run(['send-test', '--config', config]);
    expect(code).toBe(1);
    expect(out).toMatch(/sink: NOT DELIVERED.*401/);
    expect(out).toContain('Something does not work');
  });

  it('says what was set aside because the backend will never take it', async () => {
    const config = writeConfig();
    backend.status = 400;
    await startChild(config);
    const { code, out } = await run(['send-test', '--config', config]);
    expect(code).toBe(1);
    expect(out).toMatch(/sink: NOT DELIVERED.*400/);
  });

  it('says which input does not take it', async () => {
    const config = writeConfig();
    await startChild(config);
    // The running server knows the old token only.
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(
        `otlp: { tokens: [ { token: ${TOKEN}`,
        'otlp: { tokens: [ { token: another-token',
      ),
    );
    const { code, out } = await run(['send-test', '--config', config]);
    expect(code).toBe(1);
    expect(out).toMatch(/otlp token 1: NOT TAKEN, answered 401/);
    expect(out).not.toContain('another-token');
  });
});

describe('backfill', () => {
  function writeArchive(events: number): string {
    const dir = join(root, 'archive');
    for (let file = 0; file < 3; file += 1) {
      const folder = join(dir, 'dt=2026-11-23', `hh=0${file}`);
      mkdirSync(folder, { recursive: true });
      const lines = Array.from({ length: events }, (_, index) => JSON.stringify(event(`a-${file}-${index}`)));
      writeFileSync(join(folder, 'part.ndjson.gz'), gzipSync(`${lines.join('\n')}\n`));
    }
    return dir;
  }

  it('goes through the running server', async () => {
    const config = writeConfig();
    await startChild(config);
    const { code, out } = await run(['backfill', writeArchive(50), '--environment', 'prod', '--config', config]);
    expect([code, out]).toEqual([0, expect.stringMatching(/100 %[\s\S]*Done: 150 events of 3 of 3 files/)]);
    expect((await statusOf(config)).inputs).toMatchObject([{ input: 'archive', events: 150 }]);
    await expect.poll(() => backend.text, { timeout: 10_000 }).toContain('a-2-49');
  });

  it('opens the directory itself when no server runs, and delivers before it ends', async () => {
    const config = writeConfig();
    const { code, out } = await run(['backfill', writeArchive(20), '--config', config]);
    expect([code, out]).toEqual([0, expect.stringContaining('Done: 60 events of 3 of 3 files')]);
    for (let file = 0; file < 3; file += 1) expect(backend.text).toContain(`a-${file}-19`);
  });

  it('stops when interrupted and says how to go on', async () => {
    const config = writeConfig();
    await startChild(config);
    const dir = writeArchive(10);
    const stopped = await run(['backfill', dir, '--config', config], { interrupted: AbortSignal.abort() });
    expect([stopped.code, stopped.out]).toEqual([130, expect.stringContaining('call it again')]);
    expect((await run(['backfill', dir, '--config', config])).code).toBe(0);
  });

  it('needs a known environment and a folder that is there', async () => {
    const config = writeConfig();
    expect(await run(['backfill', root, '--environment', 'qa', '--config', config])).toMatchObject({
      code: 2,
      err: expect.stringContaining('prod'),
    });
    expect(await run(['backfill', join(root, 'nowhere'), '--config', config])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/nowhere: found nothing, expected the folder of an archive/),
    });
  });
});

describe('resend', () => {
  it('sends a time range again', async () => {
    const config = writeConfig();
    await startChild(config);
    await postEvents(await statusOf(config), ['r-again']);
    await expect.poll(() => backend.text, { timeout: 10_000 }).toContain('r-again');
    backend.bodies.length = 0;
    const { code, out } = await run(['resend', 'sink', '--from', '1h', '--config', config]);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Sent 3 spans of 1 requests again to sink\.$/m)]);
    expect(backend.text).toContain('r-again');
  });

  it.each([
    [['resend', 'sink', '--from', 'yesterday'], 2, /a time is/],
    [['resend', 'sink', '--from', '1h', '--to', '2h'], 2, /`--from` is after `--to`/],
    [['resend', 'sink'], 2, /--from/],
    [['resend', 'sink', '--from', '1h'], 3, /server_not_running/],
  ])('%j exits with %d', async (args, code, words) => {
    const result = await run([...args, '--config', writeConfig()]);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(words);
  });

  it('names the destinations there are', async () => {
    const config = writeConfig();
    await startChild(config);
    expect(await run(['resend', 'snik', '--from', '1h', '--config', config])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/destination_unknown.*expected sink/),
    });
  });
});

describe('check', () => {
  it('says what a file means', async () => {
    const { code, out } = await run(['check', writeConfig('audit: {}')]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /is valid[\s\S]*object_store, otlp, telemetry[\s\S]*sink \(http:[\s\S]*warning: section `audit`/,
    );
    expect(out).not.toContain(TOKEN);
  });

  it('names missing files and TLS material that cannot be read', async () => {
    expect(await run(['check', join(root, 'nothing.yaml')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no file of this name'),
    });
    const file = join(root, 'tls.yaml');
    writeFileSync(file, 'ingest: { tls: { cert_file: no.pem, key_file: no.key } }');
    expect(await run(['check', file])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/ingest\.tls\.cert_file[\s\S]*ENOENT[\s\S]*ingest\.tls\.key_file/),
    });
  });
});

describe('the command line', () => {
  it('explains itself and its exit codes', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: aisix-observability [\s\S]*send-test[\s\S]*Exit codes:/);
    expect((await run(['--help'], { env: { npm_lifecycle_event: 'start' } })).out).toMatch(/^Usage: pnpm /);
  });
  it.each([[['bogus']], [['start', '--bogus']], [['check']]])('%j is wrong usage', async (args) => {
    expect((await run(args)).code).toBe(2);
  });
});
