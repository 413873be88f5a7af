import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Observation } from '../../model/observation.ts';
import { createKeyedHash } from '../../redact/keyedHash.ts';
import { RECORDED_SECRETS, STORIES } from '../../redact/testing/recordedDocuments.ts';
import { SECRET } from '../testing/signedPost.ts';
import { recordedVersions } from '../watch/testing/recordedCache.ts';
import {
  changesOf,
  DATA_PLANE,
  ENVIRONMENT,
  expectedChanges,
  redactor,
  summary,
} from '../watch/testing/watchedStory.ts';
import { allText, replaceFile, watchRig } from '../watch/testing/watchRig.ts';
import { fileSilenceMemory } from '../watch/watchMemory.ts';
import { type AgentOptions, createAgent } from './agent.ts';
import { createAgentRoute } from './agentRoute.ts';

const SECRETS = [...RECORDED_SECRETS, 'f62616b17bdd474b', 'forbidden-word'];

/** A server, and an agent beside a data plane, with the network between them in the hands of the test. */
function agentRig(start?: number) {
  const rig = watchRig(start);
  const path = join(rig.folder, 'config_cache.json');
  const dataDir = join(rig.folder, 'agent');
  mkdirSync(dataDir);
  const route = createAgentRoute({
    ...rig.deps,
    path: '/audit/agent',
    hash: createKeyedHash('key of these tests'),
    agents: [
      {
        name: 'dp-agent',
        environment: ENVIRONMENT,
        dataPlane: DATA_PLANE,
        secrets: [SECRET],
        memory: fileSilenceMemory(join(rig.folder, 'server'), 'dp-agent'),
      },
    ],
  });
  const bodies: string[] = [];
  let network: 'up' | 'down' | 'answers lost' = 'up';
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    bodies.push(Buffer.from(init?.body as Uint8Array).toString());
    if (network === 'down') throw new TypeError('fetch failed');
    const response = await route.app.request(String(input), init);
    if (network === 'answers lost') throw new TypeError('fetch failed');
    return response;
  };
  const agent = (options: Partial<AgentOptions> = {}) => {
    const made = createAgent({
      ...rig.deps,
      dataDir,
      dataPlane: DATA_PLANE,
      environment: 'whatever the agent thinks',
      url: 'http://bridge/audit/agent',
      secret: SECRET,
      watch: { cacheFile: path },
      redactor,
      fetch,
      ...options,
    });
    onTestFinished(() => made.close());
    return made;
  };
  return {
    ...rig,
    path,
    dataDir,
    bodies,
    agent,
    route,
    setNetwork(next: typeof network) {
      network = next;
    },
  };
}

const withoutSilence = (observations: readonly Observation[]) => observations.filter(({ type }) => type !== 'gap');

describe.each(STORIES)('an agent beside the data plane of %s', (story) => {
  const versions = recordedVersions(story);
  const start = versions[0]?.at;

  it.each(['up', 'down', 'answers lost'] as const)('tells every change once; network: %s', async (network) => {
    const rig = agentRig(start);
    rig.setNetwork(network);
    let agent = rig.agent();
    for (const [index, { at, bytes }] of versions.entries()) {
      replaceFile(rig.path, bytes, at - 40);
      rig.set(at);
      await agent.lookAndSend();
      if (index === 7) {
        await agent.close();
        agent = rig.agent();
      }
    }
    if (network === 'down') expect(rig.observations).toEqual([]);
    rig.setNetwork('up');
    rig.pass(6 * 3_600_000);
    await agent.lookAndSend();
    const changes = changesOf(rig.observations);
    expect(changes.map(summary)).toEqual(expectedChanges(story));
    expect(new Set(changes.map(({ environment, dataPlane }) => `${environment} ${dataPlane}`))).toEqual(
      new Set([`${ENVIRONMENT} ${DATA_PLANE}`]),
    );
    expect(changes[0]?.feed).toEqual({ type: 'agent', name: 'dp-agent/cache' });
    expect(withoutSilence(rig.observations).length).toBe(17 + 2 * changes.length);
    const kept = JSON.stringify([rig.observations, rig.lines, rig.bodies]) + allText(rig.dataDir);
    expect(kept).toContain('openai-prod');
    for (const secret of SECRETS) expect(kept).not.toContain(secret);
  });
});

describe('an agent', () => {
  const versions = recordedVersions('story');
  const bytesOf = (index: number) => versions[index]?.bytes ?? Buffer.alloc(0);

  it('whose spool is full waits, tells of the gap, and finds the rest later', async () => {
    const rig = agentRig();
    rig.setNetwork('down');
    const agent = rig.agent({ spoolBytes: 1_000 });
    replaceFile(rig.path, bytesOf(0));
    await agent.lookAndSend();
    replaceFile(rig.path, bytesOf(1));
    // The spool takes no more: what is found waits in memory, and what is remembered stays behind.
    void agent.lookAndSend();
    await agent.close();
    rig.setNetwork('up');
    const next = rig.agent();
    replaceFile(rig.path, bytesOf(2));
    await next.lookAndSend();
    expect(changesOf(rig.observations).map(({ resource }) => resource.name)).toEqual(['backup-cache', 'team-mobile']);
  });

  it('says that it is there, and is missed when it does not', async () => {
    const rig = agentRig();
    replaceFile(rig.path, bytesOf(0));
    const agent = rig.agent();
    await agent.lookAndSend();
    expect(rig.bodies).toHaveLength(1);
    rig.pass(10_000);
    await agent.lookAndSend();
    expect(rig.bodies).toHaveLength(1);
    rig.pass(20_000);
    await agent.lookAndSend();
    expect(JSON.parse(rig.bodies[1] ?? '')).toEqual({
      version: 1,
      data_plane: DATA_PLANE,
      backlog: 0,
      observations: [],
    });
  });

  it('keeps what the server does not take, and says what to check', async () => {
    const rig = agentRig();
    replaceFile(rig.path, bytesOf(0));
    const agent = rig.agent({ secret: `whsec_${Buffer.from('another secret, thirty-two bytes').toString('base64')}` });
    await agent.lookAndSend();
    expect(agent.health().sender).toMatchObject({ fault: 'http_401', refused: 0 });
    expect(rig.lines).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          fields: expect.objectContaining({ check: 'the secret of this agent, its data plane, and both clocks' }),
        }),
      ]),
    );
    await agent.close();
    await rig.agent().lookAndSend();
    expect(rig.observations).toHaveLength(17);
  });

  it('halves a batch that is too large, and leaves out what is too large alone', async () => {
    const rig = agentRig();
    replaceFile(rig.path, bytesOf(0));
    const sizes: number[] = [];
    const server = (limit: number) => async (_: unknown, init: RequestInit) => {
      const { observations } = JSON.parse(Buffer.from(init.body as Uint8Array).toString());
      if (observations.length > limit) return new Response('{}', { status: 413 });
      sizes.push(observations.length);
      return Response.json({ accepted: observations.length }, { status: 202 });
    };
    const agent = rig.agent({ fetch: server(5) as typeof fetch });
    await agent.lookAndSend();
    expect(sizes.reduce((sum, size) => sum + size)).toBe(17);
    expect(agent.health().sender).toMatchObject({ refused: 0, deliveredAt: rig.now() });
    await agent.close();

    replaceFile(rig.path, bytesOf(1));
    const strict = rig.agent({ fetch: server(0) as typeof fetch });
    await strict.lookAndSend();
    expect(strict.health().sender.refused).toBe(2);
  });

  it('counts what the server refuses for good, and goes on', async () => {
    const rig = agentRig();
    replaceFile(rig.path, bytesOf(0));
    const answer = async () =>
      Response.json({ accepted: 16, rejected: [{ index: 3, code: 'invalid' }] }, { status: 202 });
    const agent = rig.agent({ fetch: answer as typeof fetch });
    await agent.lookAndSend();
    expect(agent.health().sender).toMatchObject({ refused: 1, deliveredAt: rig.now() });
  });
});
