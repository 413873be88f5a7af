import { describe, expect, it } from 'vitest';
import type { Observation } from '../../model/observation.ts';
import { MAX_WAITING } from '../outbox.ts';
import type { Source, SourceRead } from './source.ts';
import { createSourceWatcher } from './sourceWatcher.ts';
import { ENVIRONMENT } from './testing/watchedStory.ts';
import { watchRig } from './testing/watchRig.ts';
import { fileWatchMemory } from './watchMemory.ts';

const models = (count: number, timeout = 1): SourceRead => ({
  entries: Array.from({ length: count }, (_, n) => ({
    kind: 'models',
    id: `m${n}`,
    document: { timeout },
    revision: n,
  })),
});

function sourceRig(observe?: (told: readonly Observation[]) => Promise<never>) {
  const rig = watchRig();
  let holds: SourceRead | Error = models(1);
  let reads = 0;
  const source: Source = {
    place: 'here',
    async read() {
      reads += 1;
      if (holds instanceof Error) throw holds;
      return holds;
    },
  };
  const watcher = () =>
    createSourceWatcher({
      ...rig.deps,
      ...(observe === undefined ? {} : { observe }),
      feed: { type: 'etcd', name: 'some' },
      environment: ENVIRONMENT,
      source,
      memory: fileWatchMemory(rig.folder, 'some'),
      pollMillis: 1_000,
      silentAfterMillis: 30_000,
    });
  return {
    ...rig,
    watcher,
    reads: () => reads,
    hold(next: SourceRead | Error) {
      holds = next;
    },
  };
}

describe('a watcher whose observations nobody takes', () => {
  it('stops looking at some point, and says so', async () => {
    const told: string[] = [];
    const rig = sourceRig((all) => {
      told.push(...all.map(({ type }) => type));
      return new Promise(() => {});
    });
    rig.hold(models(MAX_WAITING));
    const watcher = rig.watcher();
    void watcher.look();
    await expect.poll(() => told.length, { timeout: 30_000 }).toBeGreaterThan(0);
    rig.pass(31_000);
    void watcher.look();
    await expect.poll(() => watcher.health().fault?.code, { timeout: 30_000 }).toBe('backlog_full');
    expect(rig.lines).toMatchObject([{ level: 'warn', fields: { code: 'backlog_full' } }]);
  });

  it('tells them as soon as somebody does, in their order', async () => {
    const told: Observation[] = [];
    let isDown = true;
    const rig = sourceRig(async (all) => {
      if (isDown) throw new Error('down');
      told.push(...all);
      return undefined as never;
    });
    const watcher = rig.watcher();
    for (const timeout of [1, 2, 3]) {
      rig.hold(models(1, timeout));
      void watcher.look();
      await expect.poll(rig.reads, { timeout: 30_000 }).toBe(timeout);
    }
    expect(told).toEqual([]);
    isDown = false;
    await watcher.look();
    expect(told.map((one) => (one.type === 'change' ? one.after?.timeout : one.type))).toEqual(['present', 2, 3]);
    await watcher.close();
  });
});

describe('a watcher', () => {
  it('survives an error that nobody foresaw, without telling what it says', async () => {
    const rig = sourceRig();
    const watcher = rig.watcher();
    rig.hold(new Error('sk-canary'));
    await watcher.look();
    expect(watcher.health()).toMatchObject({ state: 'failing', fault: { code: 'unexpected' } });
    expect(JSON.stringify([rig.lines, watcher.health()])).not.toContain('canary');
    rig.hold(models(1));
    await watcher.look();
    expect(watcher.health().state).toBe('ok');
    expect(rig.observations).toHaveLength(1);
    await watcher.close();
  });

  it.each([
    ['ten minutes ahead', 600_000],
    ['ten minutes behind', -600_000],
  ])('of a source whose clock is %s goes by its own', async (_, off) => {
    const rig = sourceRig();
    const watcher = rig.watcher();
    await watcher.look();
    const lookedAt = rig.now();
    rig.pass(1_000);
    rig.hold({ ...models(1, 2), writtenAt: rig.now() + off });
    await watcher.look();
    expect(rig.observations.at(-1)).toMatchObject({ type: 'change', seenBetween: [lookedAt, rig.now()] });
    await watcher.close();
  });

  it('that was killed knows when it looked last within some seconds', async () => {
    const rig = sourceRig();
    const watcher = rig.watcher();
    for (let second = 0; second < 60; second++) {
      await watcher.look();
      rig.pass(1_000);
    }
    // Not closed: as after kill -9.
    const killedAt = rig.now();
    rig.pass(3_600_000);
    rig.hold(models(1, 2));
    await rig.watcher().look();
    const [gap, change] = rig.observations.slice(1);
    expect(gap).toMatchObject({ type: 'gap', reason: 'not_running', to: rig.now() });
    const from = gap?.type === 'gap' ? gap.from : 0;
    expect(killedAt - from).toBeLessThanOrEqual(11_000);
    expect(change).toMatchObject({ type: 'change', foundLate: true, seenBetween: [expect.any(Number), rig.now()] });
    const since = change?.type === 'change' ? (change.seenBetween?.[0] ?? 0) : 0;
    expect(killedAt - since).toBeLessThanOrEqual(11_000);
  });
});
