import type { ConfigChange } from '@aisix-observability/evidence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../faults/waiting.ts';
import { RECORDED_ENVIRONMENT } from '../recordings/index.ts';
import { AUDITOR, type AuditServer, startAuditServer, VIEWER } from './auditServer.ts';
import { writeCacheFile } from './cacheFile.ts';
import { postSigned } from './signedDelivery.ts';
import { auditEvent, cacheVersions, storyChanges } from './storyEvents.ts';

const TIMEOUT = 120_000;
const story = storyChanges('story');

let rig: AuditServer;
beforeEach(async () => {
  rig = await startAuditServer();
}, TIMEOUT);
afterEach(() => rig[Symbol.asyncDispose](), TIMEOUT);

const range = () => ({ from: Date.now() - 3_600_000, to: Date.now() + 60_000 });

async function changes(): Promise<ConfigChange[]> {
  const response = await rig.ask('/changes/search', { ...range(), order: 'oldest' }, AUDITOR);
  expect(response.status).toBe(200);
  return ((await response.json()) as { changes: ConfigChange[] }).changes;
}

/** Waits until there is one annotation more; how soon that is, `pnpm bench ledger` tells. */
async function drawn(act: () => unknown): Promise<void> {
  const before = rig.texts().length;
  await act();
  await waitFor('one annotation more', () => rig.texts().length > before, { last: () => rig.texts() });
}

describe('the whole server', () => {
  it(
    'draws an event and a change of the cache file, and knows them as one change with its actor',
    async () => {
      const versions = cacheVersions('story');
      const [first] = versions;
      if (first === undefined) throw new Error('the story has no cache file');
      writeCacheFile(rig.cacheFile, first.text);
      await waitFor('the first look', async () =>
        (await rig.server.status()).audit?.feeds.some(({ name, state }) => name === 'cache' && state === 'ok'),
      );
      const change = story.find(({ revision }) => revision !== undefined);
      if (change === undefined) throw new Error('the story has no change');
      const at = Date.parse(change.occurred_at);
      const next = versions.find((version) => version.at > at && version.text !== first.text);
      if (next === undefined) throw new Error('the story has no version after its first change');

      await drawn(async () => {
        const response = await postSigned(
          `${rig.addresses.ingest}/audit/cloud`,
          auditEvent(change, 'story', Date.now() - at),
        );
        expect([response.status, await response.json()]).toEqual([202, { accepted: 1 }]);
      });
      // The same change on disk: it joins the event, and nothing more is drawn.
      writeCacheFile(rig.cacheFile, next.text);
      const known = await waitFor('the change to be seen in force', async () =>
        (await changes()).find(({ effective }) => effective.length > 0),
      );
      expect(known).toMatchObject({
        actor: { name: change.actor },
        action: change.action,
        resource: { kind: change.resource.type, id: change.resource.id },
        environment: RECORDED_ENVIRONMENT,
        revision: change.revision,
        trust: 'signed',
      });
      expect(known.burstId).toEqual(expect.any(String));
      expect(rig.texts()).toHaveLength(1);
    },
    TIMEOUT,
  );

  it(
    'draws what it sees on disk alone, finds what changed while it was off, and makes no false change of a restart',
    async () => {
      const versions = cacheVersions('story');
      const texts = versions.map(({ text }) => text);
      writeCacheFile(rig.cacheFile, texts[0] ?? '');
      await waitFor('the first look', async () =>
        (await rig.server.status()).audit?.feeds.some(({ name, state }) => name === 'cache' && state === 'ok'),
      );
      expect(await changes()).toEqual([]);
      await rig.restart();
      await waitFor('the look after the restart', async () =>
        (await rig.server.status()).audit?.feeds.some(({ name, state }) => name === 'cache' && state === 'ok'),
      );
      expect(await changes()).toEqual([]);

      await drawn(() => writeCacheFile(rig.cacheFile, texts.find((text) => text !== texts[0]) ?? ''));
      const [only, ...others] = await changes();
      expect(others).toEqual([]);
      expect(only).toMatchObject({ trust: 'observed', foundLate: false });
      expect(only?.actor).toBeUndefined();

      await rig.server.end('SIGKILL');
      writeCacheFile(rig.cacheFile, texts.at(-1) ?? '');
      await rig.restart();
      const all = await waitFor('what changed meanwhile', async () => {
        const found = await changes();
        return found.length > 1 && found;
      });
      expect(all.filter(({ id }) => id !== only?.id).every(({ foundLate }) => foundLate)).toBe(true);
      const before = all.length;
      await rig.restart();
      await waitFor('the look after the restart', async () =>
        (await rig.server.status()).audit?.feeds.some(({ name, state }) => name === 'cache' && state === 'ok'),
      );
      expect(await changes()).toHaveLength(before);
    },
    TIMEOUT,
  );

  it(
    'sends every change as a log event beside the spans, and shows markers of all of them',
    async () => {
      const at = Date.now();
      const events = story.map((change, index) =>
        auditEvent(change, 'story', at - 60_000 + index * 1000 - Date.parse(change.occurred_at)),
      );
      const response = await postSigned(`${rig.addresses.ingest}/audit/cloud`, events);
      expect([response.status, await response.json()]).toEqual([202, { accepted: story.length }]);
      const ids = (await changes()).map(({ id }) => id);
      expect(ids).toHaveLength(story.length);
      await waitFor('all log events', () => {
        const text = rig.received
          .filter(({ path }) => path === '/v1/logs')
          .map(({ body }) => body.toString())
          .join('');
        return ids.every((id) => text.includes(id));
      });
      const markers = await rig.ask('/markers/search', range(), VIEWER);
      const told = (await markers.json()) as { markers: { count: number }[] };
      expect(told.markers.reduce((sum, { count }) => sum + count, 0)).toBe(story.length);
    },
    TIMEOUT,
  );
});
