import type { ConfigChange, GatewayRequest, Impact, Incident, RequestExplanation } from '@aisix-observability/evidence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { loadChanges, loadMeta, loadTelemetry, shiftTelemetry } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, NARROW_AUDITOR, startAuditServer, TELEMETRY_TOKEN, VIEWER } from './auditServer.ts';
import { runMain } from './runMain.ts';
import { postSigned } from './signedDelivery.ts';
import { auditEvent } from './storyEvents.ts';

const TIMEOUT = 180_000;
/** Everything of the story is final, and its looks are due. */
const AGE_MILLIS = 40_000;
const STORY = 'story';

const meta = loadMeta(STORY);
/** The part of the evening that is played: the looks at its first fault end in it. */
const END = meta.start + 345_000;
const shiftMs = Math.floor((Date.now() - AGE_MILLIS - END) / 1_000) * 1_000;
const range = { from: meta.start + shiftMs - 60_000, to: END + shiftMs + 60_000 };
/** The provider refuses the rotated secret from here on, for a minute. */
const rotated = loadChanges(STORY).find(
  ({ effect, resource }) => effect === 'fault' && resource.type === 'provider_key',
);

let rig: AuditServer;
let failed: GatewayRequest;

async function ask<T>(path: string, body: unknown, token = AUDITOR, status = 200): Promise<T> {
  const response = await rig.ask(path, body, token);
  const answer = (await response.json()) as T;
  expect([path, response.status, status === 200 ? '' : answer]).toEqual([path, status, status === 200 ? '' : answer]);
  return answer;
}

const changes = async () =>
  (await ask<{ changes: ConfigChange[] }>('/changes/search', { ...range, limit: 100 })).changes;

/** The rotation, with what was found of it so far. */
const rotation = async (): Promise<ConfigChange> => {
  const found = (await changes()).find(({ revision }) => revision === rotated?.revision);
  if (found === undefined) throw new Error('the rotation is not there');
  return found;
};

beforeAll(async () => {
  rig = await startAuditServer();
  // Requests first: a look is made at what is there.
  for (const post of loadTelemetry(STORY).filter(({ receivedAt }) => receivedAt < END)) {
    const response = await fetch(`${rig.addresses.ingest}/dp/telemetry`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TELEMETRY_TOKEN}` },
      body: JSON.stringify(shiftTelemetry(post, shiftMs).body),
    });
    expect(response.status).toBe(200);
  }
  const outcome = [{ field: 'outcome', op: 'eq', value: 'provider_auth' }];
  failed = await waitFor('the failed requests to be stored', async () => {
    const search = { ...range, filters: outcome, limit: 1_000 };
    const { requests } = await ask<{ requests: GatewayRequest[] }>('/requests/search', search);
    return requests.filter(({ state }) => state === 'final').length > 200 && requests[100];
  });
  // With the set-up: what the configuration was is told by events alone here.
  const made = loadChanges(STORY).filter(({ occurred_at }) => Date.parse(occurred_at) < END);
  const events = made.map((change) => auditEvent(change, STORY, shiftMs));
  for (let at = 0; at < events.length; at += 20) {
    expect((await postSigned(`${rig.addresses.ingest}/audit/cloud`, events.slice(at, at + 20))).status).toBe(202);
  }
}, TIMEOUT);
afterAll(() => rig?.[Symbol.asyncDispose](), TIMEOUT);

describe('a recorded evening on the real server', () => {
  it('a failed request is explained with the change that broke it', async () => {
    const body = { requestId: failed.requestId };
    const { explanations } = await ask<{ explanations: RequestExplanation[] }>('/investigations/request', body);
    expect(explanations).toHaveLength(1);
    expect(explanations[0]).toMatchObject({
      outcomeClass: 'provider_refused_key',
      sentence: expect.stringContaining('"openai-prod"'),
      configuration: { source: 'wanted', complete: false },
      attempts: [{ providerKey: 'openai-prod' }],
    });
    expect(explanations[0]?.changes[0]).toMatchObject({
      role: 'provider key',
      change: { revision: rotated?.revision, actor: { name: rotated?.actor } },
    });
    await ask('/investigations/request', body, VIEWER, 403);
    await ask('/investigations/request', body, NARROW_AUDITOR, 404);
    await ask('/investigations/request', { ...body, environment: 'prod' }, NARROW_AUDITOR, 403);
    await ask('/investigations/request', { requestId: 'no such id' }, AUDITOR, 404);
  });

  it('the change is weighed by who asks', async () => {
    const { id } = await rotation();
    const { impact, oneIn } = await ask<{ impact: Impact; oneIn: number }>('/investigations/impact', { id });
    expect([impact.changeId, impact.verdict, oneIn]).toEqual([id, 'suspect', 1]);
    expect(impact.sentence).toMatch(/\d+ of \d+/);
    await ask('/investigations/impact', { id }, NARROW_AUDITOR, 404);
    await ask('/investigations/impact', { id }, VIEWER, 403);
  });

  it('is the first candidate of its incident', async () => {
    const { id } = await rotation();
    type Answer = { incidents: Incident[]; changes: ConfigChange[]; requests: number; silent: unknown[] };
    const answer = await ask<Answer>('/investigations/incident', { ...range, environment: 'prod' });
    expect(answer.requests).toBeGreaterThan(5_000);
    // An hour without requests is told from an hour without trouble.
    const before = { from: range.from - 3_600_000, to: range.from, environment: 'prod' };
    expect(await ask<Answer>('/investigations/incident', before)).toMatchObject({ incidents: [], requests: 0 });
    const at = Date.parse(rotated?.occurred_at ?? '') + shiftMs;
    const own = answer.incidents.find(({ start, end }) => start < at + 60_000 && (end ?? range.to) > at);
    expect(own?.candidates[0]).toMatchObject({ kind: 'change', id });
    expect(answer.changes.some((change) => change.id === id)).toBe(true);
    const prod = { ...range, environment: 'prod' };
    const refused = await ask<{ error: { code: string } }>('/investigations/incident', prod, VIEWER, 403);
    expect(Object.keys(refused)).toEqual(['error']);
    expect(refused.error.code).toBe('scope_missing');
    await ask('/investigations/incident', prod, NARROW_AUDITOR, 403);
    // Who sees several environments names one.
    await ask('/investigations/incident', range, AUDITOR, 400);
    await ask(
      '/investigations/incident',
      { ...range, from: range.from - 7 * 3_600_000, environment: 'prod' },
      AUDITOR,
      400,
    );
  });

  it('timed looks find it by themselves, tell of it, and are over', async () => {
    const found = await waitFor(
      'the verdict',
      async () => {
        const change = await rotation();
        return change.verdict?.computed?.value === 'suspect' && change;
      },
      { timeoutMillis: 60_000, last: async () => (await rotation()).verdict ?? null },
    );
    expect(found.verdict?.computed).toMatchObject({
      look: '+10s',
      settled: true,
      sentence: expect.any(String),
    });
    const filters = [{ field: 'computedVerdict', op: 'eq', value: 'suspect' }];
    const { changes: suspects } = await ask<{ changes: ConfigChange[] }>('/changes/search', { ...range, filters });
    expect(suspects.map(({ id }) => id)).toContain(found.id);
    await waitFor('the log event', () =>
      rig.received.some(
        ({ path, body }) =>
          path === '/v1/logs' && body.toString().includes('aisix.config.verdict') && body.toString().includes(found.id),
      ),
    );
    const open = async () =>
      Number(/aisix_suspect_changes\{[^}]*environment="0b6f6a52[^}]*\} (\d+)/.exec(await rig.server.metrics())?.[1]);
    const before = await open();
    expect(before).toBeGreaterThan(0);
    const verdict = { id: found.id, value: 'confirmed', note: 'rotated to a revoked secret' };
    const response = await rig.ask('/changes/verdict', verdict, AUDITOR, 'PUT');
    expect(await response.json()).toMatchObject({
      verdict: { human: { value: 'confirmed', by: 'auditor' }, computed: { value: 'suspect' } },
    });
    expect(await open()).toBe(before - 1);
  });

  it('`investigate` prints the same beside the server and without it', async () => {
    const args = ['investigate', failed.requestId, '--config', rig.configFile];
    const beside = runMain(...args);
    expect(await beside.exit, beside.output()).toBe(0);
    expect(beside.output()).toMatch(
      /provider_refused_key[\s\S]*openai-prod[\s\S]*Changes before it[\s\S]*confirmed.*\n {6}Requests touched by .* of \d+ before/,
    );
    await rig.server.end('SIGTERM');
    const alone = runMain(...args);
    expect(await alone.exit, alone.output()).toBe(0);
    expect(alone.output()).toBe(beside.output());
  });
});
