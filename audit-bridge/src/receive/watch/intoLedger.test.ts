import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedger } from '../../ledger/ledger.ts';
import { createKeyedHash } from '../../redact/keyedHash.ts';
import { RECORDED_SECRETS, STORIES } from '../../redact/testing/recordedDocuments.ts';
import { createAgent } from '../agent/agent.ts';
import { createAgentRoute } from '../agent/agentRoute.ts';
import { SECRET } from '../testing/signedPost.ts';
import { createCacheFileWatcher } from './cacheFile.ts';
import { createStatusWatcher, fileStatusMemory } from './status.ts';
import { recordedStatuses, recordedVersions } from './testing/recordedCache.ts';
import { changeTimes, ENVIRONMENT, expectedChanges, redactor } from './testing/watchedStory.ts';
import { allText, replaceFile, watchRig } from './testing/watchRig.ts';
import { fileSilenceMemory, fileWatchMemory } from './watchMemory.ts';

describe.each(STORIES)('two data planes of %s, one watched here and one by an agent', (story) => {
  it('give one change each, with two times in force', async () => {
    const versions = recordedVersions(story);
    const statuses = recordedStatuses(story);
    const rig = watchRig(versions[0]?.at);
    const [path, agentDir] = [join(rig.folder, 'config_cache.json'), join(rig.folder, 'agent')];
    mkdirSync(agentDir);
    const serverDir = join(rig.folder, 'server');
    mkdirSync(serverDir);
    const ledger = openLedger(join(serverDir, 'ledger.db'), { now: rig.now });
    const deps = { ...rig.deps, observe: ledger.observe };
    const cache = createCacheFileWatcher({
      ...deps,
      name: 'cache',
      path,
      environment: ENVIRONMENT,
      dataPlane: 'dp-1',
      memory: fileWatchMemory(serverDir, 'cache'),
    });
    let answer: unknown;
    const status = createStatusWatcher({
      ...deps,
      name: 'status',
      url: 'http://dp-1/status/config',
      environment: ENVIRONMENT,
      dataPlane: 'dp-1',
      memory: fileStatusMemory(serverDir, 'status'),
      fetch: async () => Response.json(answer),
    });
    const { app } = createAgentRoute({
      ...deps,
      path: '/audit/agent',
      hash: createKeyedHash('key of these tests'),
      agents: [
        {
          name: 'dp-2',
          environment: ENVIRONMENT,
          dataPlane: 'dp-2',
          secrets: [SECRET],
          memory: fileSilenceMemory(serverDir, 'dp-2'),
        },
      ],
    });
    let isConnected = true;
    const agent = createAgent({
      ...rig.deps,
      dataDir: agentDir,
      dataPlane: 'dp-2',
      environment: ENVIRONMENT,
      url: 'http://bridge/audit/agent',
      secret: SECRET,
      watch: { cacheFile: path },
      redactor,
      fetch: async (url, init) => {
        if (!isConnected) throw new TypeError('fetch failed');
        return await app.request(String(url), init);
      },
    });

    const events = [
      ...versions.map(({ at, bytes }) => ({ at, bytes, body: undefined })),
      ...statuses.map(({ at, body }) => ({ at, bytes: undefined, body })),
    ].sort((a, b) => a.at - b.at);
    for (const [index, { at, bytes, body }] of events.entries()) {
      rig.set(at);
      // The agent is cut off for the second half of the story.
      isConnected = index < events.length / 2;
      if (bytes === undefined) {
        answer = body;
        await status.look();
      } else {
        replaceFile(path, bytes, at - 40);
        await cache.look();
        await agent.lookAndSend();
      }
    }
    isConnected = true;
    rig.pass(3_600_000);
    await agent.lookAndSend();
    await Promise.all([cache.close(), status.close(), agent.close()]);

    const { changes } = ledger.searchChanges({
      environments: [ENVIRONMENT],
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
      limit: 100,
      order: 'oldest',
    });
    const times = changeTimes(story);
    expect(
      changes.map(({ action, resource, paths, revision }) => ({
        action,
        kind: resource.kind,
        id: resource.id,
        name: resource.name,
        revision,
        paths,
      })),
    ).toEqual(expectedChanges(story));
    for (const [index, change] of changes.entries()) {
      const isRejected = change.revision === 2249 && story === 'story';
      expect([change.revision, change.state]).toEqual([change.revision, isRejected ? 'rejected' : 'applied']);
      expect(change.effective.map(({ dataPlane }) => dataPlane)).toEqual(isRejected ? [] : ['dp-1', 'dp-2']);
      for (const { at } of change.effective) expect(Math.abs(at - (times[index] ?? 0))).toBeLessThan(1000);
    }
    // Before it is closed, so that its write-ahead log is looked into, too.
    const kept = allText(agentDir) + allText(serverDir) + JSON.stringify(rig.lines);
    await ledger.close();
    expect(kept).toContain('mistral-large');
    for (const secret of RECORDED_SECRETS) expect(kept).not.toContain(secret);
  });
});
