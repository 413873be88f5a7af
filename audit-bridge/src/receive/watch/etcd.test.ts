import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ETCD_KINDS } from '../../redact/kinds.ts';
import { type RecordedChange, recordedChanges } from '../../redact/testing/recordedDocuments.ts';
import { createEtcdWatcher, type EtcdWatcherOptions } from './etcd.ts';
import { startFakeEtcd } from './testing/fakeEtcd.ts';
import { changesOf, ENVIRONMENT, expectedChanges, summary } from './testing/watchedStory.ts';
import { allText, watchRig } from './testing/watchRig.ts';
import { fileWatchMemory } from './watchMemory.ts';

const PREFIX = `/aisix/${ENVIRONMENT}`;

async function etcdRig() {
  const rig = watchRig();
  const etcd = await startFakeEtcd();
  const watcher = (options: Partial<EtcdWatcherOptions> = {}) =>
    createEtcdWatcher({
      ...rig.deps,
      name: 'etcd',
      url: etcd.url,
      prefix: PREFIX,
      environment: ENVIRONMENT,
      memory: fileWatchMemory(join(rig.folder, 'state'), 'etcd'),
      ...options,
    });
  return { ...rig, etcd, watcher };
}

const model = (timeout: number) => ({ display_name: 'one', provider: 'openai', timeout });
const key = (kind: string, id: string) => `${PREFIX}/${kind}/${id}`;

describe('a prefix of etcd', () => {
  it('tells the changes of a story, with the revisions of their values', async () => {
    const rig = await etcdRig();
    const apply = ({ action, resource, after, revision }: RecordedChange) => {
      const [plural = resource.type] = Object.entries(ETCD_KINDS).find(([, one]) => one === resource.type) ?? [];
      rig.etcd.revisionIs(revision - 1);
      if (action === 'delete') rig.etcd.delete(key(plural, resource.id));
      else rig.etcd.put(key(plural, resource.id), after);
    };
    const all = recordedChanges('story');
    const watcher = rig.watcher();
    for (const change of all.filter(({ effect }) => effect === 'setup')) apply(change);
    await watcher.look();
    for (const change of all.filter(({ effect }) => effect !== 'setup')) {
      apply(change);
      rig.pass(1000);
      await watcher.look();
    }
    await watcher.close();
    expect(changesOf(rig.observations).map(summary)).toEqual(expectedChanges('story'));
    expect(rig.observations.every(({ type }) => type === 'present' || type === 'change')).toBe(true);
    expect(rig.observations[0]).toMatchObject({ type: 'present', as: 'desired' });
    const kept = JSON.stringify([rig.observations, rig.lines]) + allText(join(rig.folder, 'state'));
    for (const secret of ['sk-good-A', 'sk-rotated-wrong', 'f62616b17bdd474b']) expect(kept).not.toContain(secret);
  });

  it('is read page by page, all of one revision, and only when something changed', async () => {
    const rig = await etcdRig();
    for (let n = 0; n < 1_203; n++) rig.etcd.put(key('models', `m${n}`), model(n));
    rig.etcd.put('/aisix/another-environment/models/m1', model(1));
    rig.etcd.put(`${PREFIX}0/models/m1`, model(1));
    rig.etcd.put(`${PREFIX}/meta`, 'no resource');
    const watcher = rig.watcher();
    let pages = 0;
    rig.etcd.afterPage(() => {
      pages += 1;
      if (pages === 1) rig.etcd.put(key('models', 'm9'), model(-1));
    });
    await watcher.look();
    expect(pages).toBe(3);
    expect(rig.observations).toHaveLength(1_203);
    await watcher.look();
    expect(changesOf(rig.observations).map(({ resource, action }) => [resource.id, action])).toEqual([
      ['m9', 'update'],
    ]);
    const asked = rig.etcd.questions.length;
    await watcher.look();
    expect(rig.etcd.questions.length - asked).toBe(1);
    await watcher.close();
  });

  it('is begun anew when its revision was compacted meanwhile', async () => {
    const rig = await etcdRig();
    for (let n = 0; n < 501; n++) rig.etcd.put(key('models', `m${n}`), model(n));
    const watcher = rig.watcher();
    rig.etcd.afterPage(() => {
      rig.etcd.put(key('models', 'new'), model(1));
      rig.etcd.compact();
      rig.etcd.afterPage(undefined);
    });
    await watcher.look();
    expect(watcher.health().fault?.code).toBe('etcd_compacted');
    await watcher.look();
    expect(rig.observations).toHaveLength(502);
    await watcher.close();
  });

  it('that was changed while nobody watched tells it late', async () => {
    const rig = await etcdRig();
    rig.etcd.put(key('models', 'm1'), model(1));
    const first = rig.watcher();
    await first.look();
    await first.close();
    const seenAt = rig.now();
    rig.etcd.put(key('models', 'm1'), model(2));
    const revision = rig.etcd.put(key('models', 'm1'), model(3));
    rig.pass(3_600_000);
    const second = rig.watcher();
    await second.look();
    await second.close();
    expect(changesOf(rig.observations)).toMatchObject([
      { foundLate: true, revision, seenBetween: [seenAt, rig.now()], before: { timeout: 1 }, after: { timeout: 3 } },
    ]);
    expect(rig.observations).toContainEqual(expect.objectContaining({ type: 'gap', reason: 'not_running' }));
  });

  it('of which a value is no JSON is told all the same', async () => {
    const rig = await etcdRig();
    rig.etcd.put(key('models', 'm1'), model(1));
    const watcher = rig.watcher();
    await watcher.look();
    rig.etcd.put(key('models', 'm1'), 'sk-canary {');
    await watcher.look();
    await watcher.close();
    expect(changesOf(rig.observations)).toMatchObject([{ action: 'update', resource: { id: 'm1' }, after: {} }]);
    expect(JSON.stringify(rig.observations)).not.toContain('canary');
  });
});

describe('an etcd that cannot be read', () => {
  it('is a gap after a while, and asked less and less often', async () => {
    const rig = await etcdRig();
    rig.etcd.put(key('models', 'm1'), model(1));
    const pauses: number[] = [];
    const timers: (() => void)[] = [];
    const after = (millis: number, work: () => void) => {
      pauses.push(millis);
      timers.push(work);
      return () => {};
    };
    const watcher = rig.watcher({ url: 'http://127.0.0.1:1', clock: { ...rig.deps.clock, after } });
    watcher.start();
    for (let n = 1; n <= 7; n++) {
      await expect.poll(() => pauses.length, { timeout: 30_000 }).toBe(n);
      rig.pass(pauses.at(-1) ?? 0);
      timers.pop()?.();
    }
    await watcher.close();
    expect(pauses.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(watcher.health().fault?.code).toBe('etcd_unreachable');
    expect(rig.observations).toMatchObject([{ type: 'gap', reason: 'etcd_unreachable' }]);
  });

  it.each([
    ['etcd_forbidden', (response) => response.writeHead(403).end('{"error":"permission denied","code":7}')],
    ['etcd_refused', (response) => response.writeHead(503).end('busy')],
    ['etcd_refused', (response) => response.writeHead(302, { location: 'http://elsewhere' }).end()],
    ['etcd_invalid', (response) => response.end('<html>')],
    ['etcd_invalid', (response) => response.end('{"header":{"revision":"x"}}')],
    ['etcd_unreachable', (response) => response.destroy()],
    [
      'etcd_unreachable',
      (response) => response.writeHead(200, { 'content-length': 100 }).end('{', () => response.destroy()),
    ],
    ['etcd_timeout', () => {}],
  ] satisfies [string, Parameters<Awaited<ReturnType<typeof startFakeEtcd>>['refuseWith']>[0]][])(
    'says why: %s',
    async (code, how) => {
      const rig = await etcdRig();
      rig.etcd.refuseWith(how);
      const watcher = rig.watcher({ timeoutMillis: code === 'etcd_timeout' ? 100 : 30_000 });
      await watcher.look();
      expect(watcher.health()).toMatchObject({ state: 'failing', fault: { code } });
      expect(changesOf(rig.observations)).toEqual([]);
      await watcher.close();
    },
  );
});
