import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { createMemoryStore, exampleRequest } from '@aisix-observability/evidence/testing';
import { silentLog, silentRecorder } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerReader } from '../../api/owner.ts';
import { createRequestsApi } from '../../api/requestsApi.ts';
import { controlApp } from '../../control/controlApp.ts';
import { startControlSocket } from '../../control/controlSocket.ts';
import { controlSocketOf } from '../../dataDir/dataDir.ts';
import { createInvestigations } from '../../investigate/investigations.ts';
import { runCommand } from '../program.ts';

const PROD = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';
const TEST = '5a6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a12';
const ENVIRONMENTS = [
  { id: PROD, name: 'prod' },
  { id: TEST, name: 'test' },
];

let root = '';
const close: (() => Promise<void>)[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-investigate-'));
  mkdirSync(join(root, 'data'));
  const environments = ENVIRONMENTS.map(({ id, name }) => `{ id: ${id}, name: ${name} }`).join(', ');
  writeFileSync(join(root, 'c.yaml'), `data_dir: ./data\nenvironments: [ ${environments} ]\n`);
});
afterEach(async () => {
  await Promise.all(close.splice(0).map((each) => each()));
  rmSync(root, { recursive: true, force: true });
});

/** What answers commands beside a server that does not receive changes. */
async function serve(requests: readonly GatewayRequest[]): Promise<void> {
  const store = createMemoryStore({ hash: (text) => text });
  await store.apply(
    requests.map((request, index) => ({ seq: index + 1, json: JSON.stringify(request) })),
    requests.length,
  );
  const api = createRequestsApi({
    store,
    onApplied: () => () => {},
    environments: ENVIRONMENTS,
    investigations: createInvestigations({ store, changes: undefined, weighing: undefined, now: Date.now }),
    queryTimeoutMillis: 60_000,
    now: Date.now,
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
}

async function run(...args: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runCommand(['investigate', '--config', 'c.yaml', ...args], {
    env: {},
    cwd: root,
    out: (text) => {
      out += text;
    },
    stdout: new Writable(),
    err: (text) => {
      err += text;
    },
    interactive: false,
    log: silentLog,
    now: Date.now,
    interrupted: new AbortController().signal,
  });
  return { code, out, err };
}

const failed = (environment: string, given: Partial<GatewayRequest> = {}) =>
  exampleRequest({
    requestId: 'r-1',
    environment,
    status: 404,
    outcome: 'not_found',
    errorClass: 'model_not_found',
    requestedModel: 'gpt',
    attempts: [],
    ...given,
  });

describe('investigate', () => {
  it('says whose doing it was, and what cannot be known', async () => {
    await serve([failed(PROD)]);
    const { code, out, err } = await run('r-1');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Request r-1 in prod, /);
    expect(out).toContain('caller (outcome not_found, status 404)');
    expect(out).toContain('The caller asked for the model "gpt"');
    expect(out).toContain('this server does not receive changes');
    expect(out).toContain('No configuration of that time is known.');
  });

  it('shows nothing of somebody else raw', async () => {
    await serve([failed(PROD, { requestedModel: 'a\u001b[2Jb\nc\u202e' })]);
    const { out } = await run('r-1');
    for (const raw of ['\u001b', '\u202e']) expect(out).not.toContain(raw);
    expect(out).toContain('a\\u001b[2Jb\\u000ac\\u202e');
  });

  it('tells of every request of the id, or of those of one environment', async () => {
    await serve([failed(PROD), failed(TEST), failed(PROD, { traceId: 'a'.repeat(32), startTime: 5 })]);
    const count = (text: string) => text.match(/^Request /gm)?.length;
    expect(count((await run('r-1')).out)).toBe(3);
    expect(count((await run('r-1', '--environment', 'test')).out)).toBe(1);
    const { explanations } = JSON.parse((await run('r-1', '--json')).out) as { explanations: { startTime: number }[] };
    expect(explanations.map(({ startTime }) => startTime)).toEqual(
      explanations.map(({ startTime }) => startTime).toSorted((a, b) => b - a),
    );
  });

  it('says that a refused key leaves nothing to explain', async () => {
    await serve([failed(PROD)]);
    const { code, err } = await run('r-2');
    expect(code).toBe(1);
    expect(err).toMatch(/request_unknown[\s\S]*usually leaves no event/);
    expect((await run('r-1', '--environment', 'nowhere')).err).toContain('environment_unknown');
  });

  it('without a server needs a store', async () => {
    const { code, err } = await run('r-1');
    expect([code, err]).toEqual([3, expect.stringContaining('holds no store')]);
  });
});
