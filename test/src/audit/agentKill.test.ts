import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConfigChange } from '@aisix-observability/evidence';
import { expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { createRandom } from '../gateway/index.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AGENT_DATA_PLANE, AGENTS, agentRig } from './agentRig.ts';
import { AUDITOR, startAuditServer } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import { cacheVersions, storyChanges } from './storyEvents.ts';

/** Between two looks at the file, and longer: some kills hit the writing, some the waiting. */
const LONGEST_LIFE_MILLIS = 400;
/** So many versions of the file are written in a life that is not killed. */
const VERSIONS_PER_KILL = 6;

it('an agent that is killed while nobody hears it loses nothing, and tells nothing twice', async () => {
  const seed = Number(process.env.FAULTS_SEED ?? randomInt(1_000_000));
  const random = createRandom(seed);
  const told = `seed ${seed}`;
  await using rig = await startAuditServer({ audit: { agents: AGENTS }, annotations: [] });
  const agent = await agentRig(rig, { interval: '100ms' });
  try {
    const texts = cacheVersions('story')
      .map(({ text }) => text)
      .filter((text, index, all) => text !== all[index - 1]);
    const rows = async () => (await rig.server.status()).audit?.head?.seq ?? 0;
    writeCacheFile(agent.cacheFile, texts[0] ?? '');
    agent.start();
    await waitFor('what was there at first', async () => (await rows()) > 0, { last: agent.output });

    agent.network.state = 'down';
    for (const [index, text] of texts.slice(1).entries()) {
      const before = agent.remembered();
      writeCacheFile(agent.cacheFile, text);
      if (index % VERSIONS_PER_KILL === 0) {
        await delay(random.int(0, LONGEST_LIFE_MILLIS));
        await agent.end('SIGKILL');
        agent.start();
      }
      await waitFor('the version to be on disk', () => agent.remembered() !== before, { last: agent.output });
    }
    const early = await rows();

    // What arrives without an answer is sent again by another process.
    agent.network.state = 'answers lost';
    await waitFor('a post that nobody answered', async () => (await rows()) > early, { last: agent.output });
    await agent.end('SIGKILL');
    agent.network.state = 'up';
    agent.start();
    const story = storyChanges('story');
    const changes = async () => {
      const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 };
      const response = await rig.ask('/changes/search', { ...range, order: 'oldest', limit: 1000 }, AUDITOR);
      return ((await response.json()) as { changes: ConfigChange[] }).changes;
    };
    await waitFor('all changes', async () => (await changes()).length >= story.length, { last: agent.output });
    const repeated = /aisix_ledger_observations_repeated\S* [1-9]/;
    await waitFor('what was sent before to come again', async () => repeated.test(await rig.server.metrics()));
    expect(await agent.end('SIGTERM'), agent.output()).toBe(0);

    const found = await changes();
    const shape = (kind: string, id: string | undefined, action: string) => `${action} ${kind} ${id}`;
    expect(
      found.map(({ resource, action }) => shape(resource.kind, resource.id, action)),
      told,
    ).toEqual(story.map(({ resource, action }) => shape(resource.type, resource.id, action)));
    for (const change of found) {
      expect(change).toMatchObject({ environment: RECORDED_ENVIRONMENT, trust: 'observed', conflict: false });
      if (change.state === 'rejected') continue;
      expect(change.effective, told).toMatchObject([{ dataPlane: AGENT_DATA_PLANE }]);
    }
    expect(agent.output()).not.toMatch(/"level":"error"/);
  } finally {
    await agent.close();
  }
}, 180_000);
