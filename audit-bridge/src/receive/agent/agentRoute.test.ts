import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../model/observation.ts';
import { createKeyedHash } from '../../redact/keyedHash.ts';
import { OLD_SECRET, SECRET, signedPost } from '../testing/signedPost.ts';
import { watchRig } from '../watch/testing/watchRig.ts';
import { fileSilenceMemory } from '../watch/watchMemory.ts';
import { type AgentRouteOptions, createAgentRoute } from './agentRoute.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const hash = createKeyedHash('key of these tests');

const PRESENT = {
  type: 'present',
  observationId: 'p1',
  feed: { type: 'agent', name: 'cache' },
  observedAt: NOW - 1000,
  resource: { kind: 'model', id: 'm1', name: 'smart' },
  value: { display_name: 'smart', provider: 'openai', timeout: 3000 },
  revision: 7,
  at: NOW - 1000,
  as: 'both',
};
const CHANGE = {
  type: 'change',
  observationId: 'c1',
  feed: { type: 'agent', name: 'cache' },
  observedAt: NOW - 1000,
  trust: 'signed',
  environment: 'forged',
  dataPlane: 'forged',
  occurredAt: 1,
  actor: { type: 'user', name: 'forged' },
  action: 'update',
  resource: { kind: 'provider_key', id: 'pk1', name: 'openai-prod' },
  seenBetween: [NOW - 2000, NOW - 1000],
  foundLate: false,
  paths: [{ path: '/secret', before: 'hmac:0123456789ab', after: 'hmac:ba9876543210', secret: false }],
  before: { display_name: 'openai-prod', secret: 'hmac:0123456789ab', api_base: 'https://a.example/v1' },
  after: { display_name: 'openai-prod', secret: 'hmac:ba9876543210', api_base: 'https://a.example/v1' },
  revision: 8,
  result: 'failure',
  source: 'agent',
};

function routeRig(options: Partial<AgentRouteOptions> = {}) {
  const rig = watchRig(NOW);
  const agent = (dataPlane: string, secrets: string[]) => ({
    name: `agent-${dataPlane}`,
    environment: 'env-prod',
    dataPlane,
    secrets,
    memory: fileSilenceMemory(rig.folder, `agent-${dataPlane}`),
  });
  const route = createAgentRoute({
    ...rig.deps,
    path: '/audit/agent',
    hash,
    agents: [agent('dp-1', [SECRET]), agent('dp-2', [OLD_SECRET, SECRET])],
    ...options,
  });
  const post = async (body: unknown, delivery: Partial<Parameters<typeof signedPost>[0]> = {}, dataPlane = 'dp-1') => {
    const response = await route.app.request(
      'http://localhost/audit/agent',
      signedPost({
        at: rig.now(),
        body,
        ...delivery,
        headers: { 'x-aisix-data-plane': dataPlane, ...delivery.headers },
      }),
    );
    return [response.status, (await response.json()) as { error?: { code: string } }] as const;
  };
  const batch = (observations: unknown, more: object = {}) => ({
    version: 1,
    data_plane: 'dp-1',
    backlog: 0,
    observations,
    ...more,
  });
  return { ...rig, route, post, batch };
}

describe('a batch of an agent', () => {
  it('is taken with the environment, data plane, trust and feed of the configuration', async () => {
    const rig = routeRig();
    expect(await rig.post(rig.batch([PRESENT, CHANGE]))).toEqual([202, { accepted: 2 }]);
    expect(rig.observations).toEqual([
      {
        ...PRESENT,
        observationId: expect.stringMatching(/^[0-9a-f]{32}$/),
        feed: { type: 'agent', name: 'agent-dp-1/cache' },
        environment: 'env-prod',
        dataPlane: 'dp-1',
      },
      {
        type: 'change',
        observationId: expect.stringMatching(/^[0-9a-f]{32}$/),
        feed: { type: 'agent', name: 'agent-dp-1/cache' },
        observedAt: NOW - 1000,
        environment: 'env-prod',
        dataPlane: 'dp-1',
        trust: 'observed',
        action: 'update',
        resource: CHANGE.resource,
        seenBetween: CHANGE.seenBetween,
        foundLate: false,
        paths: [{ path: '/secret', before: 'hmac:0123456789ab', after: 'hmac:ba9876543210', secret: true }],
        before: CHANGE.before,
        after: CHANGE.after,
        revision: 8,
        result: 'success',
        source: 'agent',
      },
    ]);
  });

  it('changes nothing when it comes again, and cannot take the ids of another agent', async () => {
    const rig = routeRig();
    await rig.post(rig.batch([PRESENT]));
    await rig.post(rig.batch([PRESENT]));
    expect(rig.observations).toHaveLength(1);
    await rig.post(rig.batch([PRESENT], { data_plane: 'dp-2' }), {}, 'dp-2');
    expect(rig.observations.map(({ dataPlane }) => dataPlane)).toEqual(['dp-1', 'dp-2']);
  });

  it('is redacted once more', async () => {
    const rig = routeRig();
    const canary = 'sk-canary-0123456789';
    await rig.post(
      rig.batch([
        {
          ...CHANGE,
          resource: { kind: 'provider_key', id: canary, name: canary, previousName: canary },
          paths: [{ path: '/secret', before: canary, after: 'plain-canary' }, { path: `/${canary}` }],
          before: {
            display_name: canary,
            secret: 'plain-canary',
            [canary]: 1,
            api_base: `https://u:${canary}@a.example`,
          },
          after: null,
          source: canary,
        },
        { ...PRESENT, value: { anything: 'plain-canary', display_name: canary }, valueHash: canary },
        {
          type: 'gap',
          observationId: canary,
          feed: { type: 'x', name: canary },
          observedAt: NOW,
          from: NOW,
          reason: canary,
        },
        {
          type: 'status',
          observationId: 's',
          feed: { type: 'x', name: 'status' },
          observedAt: NOW,
          state: canary,
          rejected: [{ kind: canary, id: canary }],
        },
      ]),
    );
    expect(rig.observations).toHaveLength(4);
    expect(JSON.stringify([rig.observations, rig.lines])).not.toContain('canary');
  });

  it('with bad observations is taken without them', async () => {
    const rig = routeRig();
    const [status, answer] = await rig.post(
      rig.batch([PRESENT, { ...PRESENT, type: 'verdict' }, { ...CHANGE, observedAt: NOW + 11 * 60_000 }, 7, null]),
    );
    expect(status).toBe(202);
    expect(answer).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 1, code: 'invalid_observation' },
        { index: 2, code: 'event_from_the_future' },
        { index: 3, code: 'invalid_observation' },
        { index: 4, code: 'invalid_observation' },
      ],
    });
  });

  it.each([
    ['signature_missing', 401, { headers: { 'webhook-signature': undefined } }, 'dp-1'],
    ['signature_invalid', 401, { secret: OLD_SECRET }, 'dp-1'],
    ['signature_stale', 401, { at: NOW - 301_000 }, 'dp-1'],
    ['signature_stale', 401, { at: NOW + 600_000 }, 'dp-1'],
    ['signature_invalid', 401, {}, 'dp-unknown'],
    ['forbidden_data_plane', 403, {}, 'dp-2'],
  ] as const)('is refused: %s', async (code, status, delivery, dataPlane) => {
    const rig = routeRig();
    expect(await rig.post(rig.batch([PRESENT]), delivery, dataPlane)).toMatchObject([status, { error: { code } }]);
    expect(rig.observations).toEqual([]);
  });

  it.each([
    ['invalid_json', 400, '{"version":1'],
    ['not_a_batch', 400, []],
    ['not_a_batch', 400, null],
    ['not_a_batch', 400, { version: 1, data_plane: 'dp-1', backlog: 0, observations: Array(501).fill(PRESENT) }],
    ['unsupported_version', 400, { version: 2 }],
    ['body_too_large', 413, 'x'.repeat(300_000)],
  ] as const)('is refused for its body: %s', async (code, status, body) => {
    const rig = routeRig({ maxBytes: 250_000 });
    expect(await rig.post(body)).toMatchObject([status, { error: { code } }]);
  });

  it('is not acknowledged before it is durable', async () => {
    const rig = routeRig({
      observe: async () => {
        throw new Error('disk full: sk-canary');
      },
    });
    const [status, answer] = await rig.post(rig.batch([PRESENT]));
    expect([status, answer.error?.code]).toEqual([503, 'ledger_unavailable']);
    expect(JSON.stringify([answer, rig.lines])).not.toContain('canary');
  });

  it('may hold anything without harm', async () => {
    const rig = routeRig();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            ...Object.fromEntries(Object.keys(CHANGE).map((key) => [key, fc.jsonValue()])),
            type: fc.constantFrom('change', 'present', 'status', 'gap', 'in_force'),
          }),
        ),
        async (told) => {
          const [status] = await rig.post(rig.batch([told]));
          expect([202, 400]).toContain(status);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('an agent that is silent', () => {
  const gapsOf = (observations: readonly Observation[]) => observations.filter(({ type }) => type === 'gap');

  it('leaves a gap that ends when nothing older waits there any more', async () => {
    const rig = routeRig();
    const timers: (() => void)[] = [];
    const after = (_: number, work: () => void) => {
      timers.push(work);
      return () => {};
    };
    const clock = { ...rig.deps.clock, after };
    const silent = routeRig({ clock });
    silent.route.start();
    await silent.post(silent.batch([PRESENT]));
    rig.pass(89_000);
    timers.pop()?.();
    expect(gapsOf(silent.observations)).toEqual([]);
    rig.pass(2_000);
    timers.pop()?.();
    await expect.poll(() => gapsOf(silent.observations).length, { timeout: 30_000 }).toBe(2);
    expect(gapsOf(silent.observations)[0]).toMatchObject({ from: NOW, reason: 'agent_silent', dataPlane: 'dp-1' });
    rig.pass(60_000);
    await silent.post(silent.batch([], { backlog: 5 }), { at: rig.now() });
    expect(gapsOf(silent.observations)).toHaveLength(2);
    await silent.post(silent.batch([]), { at: rig.now() });
    await expect.poll(() => gapsOf(silent.observations).length, { timeout: 30_000 }).toBe(3);
    expect(gapsOf(silent.observations)[2]).toMatchObject({ from: NOW, to: rig.now(), dataPlane: 'dp-1' });
    await silent.route.close();
  });
});
