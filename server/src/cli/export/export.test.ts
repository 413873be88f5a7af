import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { createMemoryStore } from '@aisix-observability/evidence/testing';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerReader } from '../../api/owner.ts';
import { createRequestsApi } from '../../api/requestsApi.ts';
import { controlApp } from '../../control/controlApp.ts';
import { startControlSocket } from '../../control/controlSocket.ts';
import { controlSocketOf } from '../../dataDir/dataDir.ts';
import { runCommand } from '../program.ts';

const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
const NOW = Date.parse('2026-11-23T06:00:00Z');
const ENVIRONMENTS = [{ id: PROD, name: 'prod' }];

let root = '';
const close: (() => Promise<void>)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-export-'));
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'c.yaml'), `data_dir: ./data\nenvironments: [ { id: ${PROD}, name: prod } ]\n`);
});
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
  rmSync(root, { recursive: true, force: true });
});

const request = (index: number, more: Partial<GatewayRequest> = {}): GatewayRequest => ({
  requestId: `r-${index}`,
  environment: PROD,
  n: 0,
  state: 'final',
  timing: 'measured',
  startTime: NOW - 60_000 + index * 10 + 0.25,
  endTime: NOW - 60_000 + index * 10 + 5,
  durationMs: 4.75,
  status: index % 10 === 0 ? 502 : 200,
  outcome: index % 10 === 0 ? 'provider_error' : 'success',
  requestedModel: 'openai:gpt-4o',
  revision: 0,
  feeds: ['usage'],
  attempts: [],
  ...more,
});
const REQUESTS = Array.from({ length: 2500 }, (_, index) => request(index));
const versionsOf = (requests: readonly GatewayRequest[]) =>
  requests.map((each, index) => ({ seq: index + 1, json: JSON.stringify(each) }));

/** What answers commands beside a running server, over a store in memory. */
async function serve(requests: readonly GatewayRequest[]): Promise<{ limits: number[] }> {
  const store = createMemoryStore({ hash: (text) => text });
  await store.apply(versionsOf(requests), requests.length);
  const limits: number[] = [];
  const { search } = store;
  store.search = (query, signal) => {
    limits.push(query.limit);
    return search(query, signal);
  };
  const api = createRequestsApi({
    store,
    onApplied: () => () => {},
    environments: ENVIRONMENTS,
    queryTimeoutMillis: 60_000,
    now: () => NOW,
    recorder: silentRecorder,
    log: silentLog,
  });
  const app = controlApp({
    accept: async () => {},
    resend: async () => ({ rows: 0, items: 0 }),
    status: async () => ({}),
    destinations: [],
    requests: { app: api.app, reader: ownerReader(ENVIRONMENTS) },
  });
  const socket = await startControlSocket(controlSocketOf(join(root, 'data')), app);
  close.push(() => socket.close());
  return { limits };
}

async function run(args: readonly string[], interrupted = new AbortController().signal) {
  let out = '';
  let err = '';
  const code = await runCommand(['export', '--config', 'c.yaml', '--from', '1h', ...args], {
    env: {},
    cwd: root,
    out: () => {},
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
    now: () => NOW,
    interrupted,
  });
  return { code, out, err };
}

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as GatewayRequest);

describe('export', () => {
  it('asks the running server page by page and writes every request once, oldest first', async () => {
    const { limits } = await serve(REQUESTS);
    const { code, out, err } = await run([]);
    expect([code, err]).toEqual([0, 'Wrote 2500 requests.\n']);
    expect(lines(out)).toEqual(REQUESTS);
    expect(limits).toEqual([1000, 1000, 1000]);
  });

  it('takes filters, with colons in values, lists and texts', async () => {
    await serve(REQUESTS);
    const filters = ['status=gte:500', 'requestedModel=openai:gpt-4o', 'outcome=in:provider_error,budget'];
    const { out } = await run([...filters.flatMap((filter) => ['--filter', filter]), '--environment', 'prod']);
    expect(lines(out)).toHaveLength(250);
    expect(lines((await run(['--text', 'r-24', '--to', '30s'])).out).length).toBeGreaterThan(100);
  });

  it('goes through ranges that are longer than one query may have', async () => {
    const old = request(1, { requestId: 'old', startTime: NOW - 200 * 86_400_000 });
    await serve([old, request(2)]);
    const { out } = await run(['--from', '300d']);
    expect(lines(out).map(({ requestId }) => requestId)).toEqual(['old', 'r-2']);
  });

  it('writes CSV that a spreadsheet does not take for formulas', async () => {
    await serve([request(3, { errorMessage: '=HYPERLINK("http://x")', requestedModel: '@sum(1)\n"quoted"' })]);
    const { code, err } = await run(['--output', 'out.csv']);
    expect([code, err]).toEqual([0, 'Wrote 1 requests.\n']);
    const text = readFileSync(join(root, 'out.csv'), 'utf8');
    const [header = '', ...rows] = text.split('\n');
    expect(header.split(',').slice(0, 3)).toEqual(['requestId', 'traceId', 'environment']);
    const body = rows.join('\n');
    expect(body).toContain('2026-11-23T05:59:00.030Z');
    expect(body).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(body).toContain(`"'@sum(1)\n""quoted"""`);
    expect(statSync(join(root, 'out.csv')).mode & 0o777).toBe(0o600);
    // What is there is not written over.
    const again = await run(['--output', 'out.csv']);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('EEXIST')]);
    expect(readFileSync(join(root, 'out.csv'), 'utf8')).toBe(text);
  });

  it('says what is wrong in the words of the api, and leaves no file behind', async () => {
    await serve(REQUESTS);
    const wrong = await run(['--filter', 'statsu=502', '--output', 'out.ndjson']);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('field_unknown');
    expect(wrong.err).toContain('`status`');
    expect(existsSync(join(root, 'out.ndjson'))).toBe(false);
    for (const args of [['changes'], ['--filter', '502'], ['--format', 'xml'], ['--to', '2h'], ['--from', 'soon']])
      expect((await run(args)).code).toBe(2);
  });

  it('stops when it is interrupted', async () => {
    await serve(REQUESTS);
    expect((await run([], AbortSignal.abort())).code).toBe(130);
  });

  it('reads the data directory where no server runs', async () => {
    const none = await run([]);
    expect([none.code, none.err]).toEqual([3, expect.stringContaining('holds no store')]);
    const store = await openDuckDbStore({ directory: join(root, 'data', 'store'), hash: (text) => text });
    await store.apply(versionsOf(REQUESTS), REQUESTS.length);
    await store.close();
    const { code, out } = await run(['--filter', 'status=502']);
    expect(code).toBe(0);
    expect(lines(out).map(({ requestId }) => requestId)).toEqual(
      REQUESTS.filter(({ status }) => status === 502).map(({ requestId }) => requestId),
    );
  });
});
