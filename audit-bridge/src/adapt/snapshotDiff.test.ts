import { describe, expect, it } from 'vitest';
import type { Observation } from '../model/observation.ts';
import { parseCacheFile } from '../receive/watch/cacheFormat.ts';
import { recordedVersions } from '../receive/watch/testing/recordedCache.ts';
import {
  changesOf,
  changeTimes,
  DATA_PLANE,
  ENVIRONMENT,
  expectedChanges,
  redactor,
  summary,
} from '../receive/watch/testing/watchedStory.ts';
import { RECORDED_SECRETS, STORIES, type Story } from '../redact/testing/recordedDocuments.ts';
import { snapshotDiff } from './snapshotDiff.ts';
import type { SourceEntry, SourceLook, SourceState } from './sourceState.ts';

const context = {
  feed: { type: 'config_cache', name: 'cache' },
  environment: ENVIRONMENT,
  dataPlane: DATA_PLANE,
  redactor,
} as const;

/** Every recorded version, one after the other; the memory goes through JSON, as on disk, before version `restartAt`. */
function replay(story: Story, restartAt = -1, skip: ReadonlySet<number> = new Set()): Observation[] {
  let state: SourceState | undefined;
  const all: Observation[] = [];
  for (const [index, { at, bytes }] of recordedVersions(story).entries()) {
    if (skip.has(index)) continue;
    if (index === restartAt && state !== undefined) state = JSON.parse(JSON.stringify(state));
    const look: SourceLook = { at, begunAt: at, observedAt: at, ...parseCacheFile(bytes), late: index === restartAt };
    const { observations, state: next } = snapshotDiff(state, look, context);
    all.push(...observations);
    state = next;
  }
  return all;
}

describe.each(STORIES)('the versions of the cache file of %s', (story) => {
  const observations = replay(story);
  const changes = changesOf(observations);

  it('tell every change once, and nothing else', () => {
    expect(changes).toHaveLength(story === 'story' ? 15 : 17);
    expect(changes.map(summary)).toEqual(expectedChanges(story));
    expect(new Set(observations.map(({ observationId }) => observationId)).size).toBe(observations.length);
  });

  it('tell when it was', () => {
    for (const [index, at] of changeTimes(story).entries()) {
      const { seenBetween, foundLate } = changes[index] ?? {};
      expect(seenBetween?.[0]).toBeLessThan(at);
      expect((seenBetween?.[1] ?? 0) - at).toBeGreaterThanOrEqual(0);
      expect((seenBetween?.[1] ?? 0) - at).toBeLessThan(1000);
      expect(foundLate).toBe(false);
    }
  });

  it('are the same over a restart anywhere', () => {
    for (const index of recordedVersions(story).keys()) {
      const again = replay(story, index);
      expect(again.map(({ observationId }) => observationId)).toEqual(observations.map((one) => one.observationId));
      expect(changesOf(again).map(summary)).toEqual(changes.map(summary));
      expect(changesOf(again).filter(({ foundLate }) => foundLate)).toHaveLength(index === 0 ? 0 : 1);
    }
  });

  it('say nothing when they come again', () => {
    const versions = recordedVersions(story);
    let state: SourceState | undefined;
    for (const { at, bytes } of versions) {
      const look = { at, begunAt: at, observedAt: at, ...parseCacheFile(bytes), late: false };
      const first = snapshotDiff(state, look, context);
      const second = snapshotDiff(first.state, look, context);
      expect(second.observations).toEqual([]);
      state = second.state;
    }
  });

  it('hold no secret, neither in what is told nor in what is remembered', () => {
    const [first] = recordedVersions(story);
    if (first === undefined) throw new Error('no recording');
    const { state } = snapshotDiff(
      undefined,
      { at: 1, begunAt: 1, observedAt: 1, ...parseCacheFile(first.bytes), late: false },
      context,
    );
    const kept = JSON.stringify([observations, state]);
    for (const secret of [...RECORDED_SECRETS, 'f62616b17bdd474b', 'forbidden-word']) {
      expect(kept).not.toContain(secret);
    }
    expect(kept).toContain('openai-prod');
  });
});

describe('what the first look finds', () => {
  it('is there, and no change', () => {
    const first = replay('story').filter(({ type }) => type === 'present');
    expect(first).toHaveLength(17);
    expect(first.every((one) => one.type === 'present' && one.as === 'both')).toBe(true);
  });
});

describe('what is in force', () => {
  const inForce = replay('story').filter((one) => one.type === 'in_force');

  it('follows every change, also deletions', () => {
    expect(inForce).toHaveLength(15);
    const removed = inForce.filter(({ state }) => state === 'removed');
    expect(removed.map(({ resource }) => resource.name)).toEqual(['gpt-4o-mini']);
    expect(removed[0]?.revision).toBeUndefined();
  });

  it('is not what was refused, until the last good value is wanted again', () => {
    const large = inForce.filter(({ resource }) => resource.name === 'mistral-large');
    expect(large.map(({ state, revision }) => [state, revision])).toEqual([
      ['applied', 2240],
      ['rejected', 2249],
      ['applied', 2250],
    ]);
  });
});

describe('resources of one source', () => {
  const model = (value: object, revision?: number): SourceEntry => ({
    kind: 'models',
    id: 'm1',
    document: { display_name: 'one', ...value },
    ...(revision === undefined ? {} : { revision }),
  });
  const look = (at: number, entries: readonly SourceEntry[], stale: SourceLook['stale'] = []): SourceLook => ({
    at,
    begunAt: at,
    observedAt: at,
    entries,
    stale,
    late: false,
  });
  const through = (...looks: readonly SourceLook[]) => {
    let state: SourceState | undefined;
    return looks.map((one) => {
      const difference = snapshotDiff(state, one, context);
      state = difference.state;
      return difference.observations;
    });
  };
  const words = (observations: readonly Observation[] | undefined) =>
    observations?.map((one) => {
      if (one.type === 'change') return `${one.action} ${one.revision}`;
      if (one.type === 'in_force') return `${one.state} ${one.revision}`;
      return one.type;
    });

  it('do not change by an equal value under a new revision, nor by the order of its fields', () => {
    const [, again] = through(
      look(1, [model({ provider: 'openai', timeout: 1 }, 1)]),
      look(2, [{ ...model({}, 2), document: { timeout: 1, provider: 'openai', display_name: 'one' } }]),
    );
    expect(again).toEqual([]);
  });

  it('tell a rename with both names', () => {
    const [, renamed] = through(look(1, [model({}, 1)]), look(2, [model({ display_name: 'two' }, 2)]));
    expect(changesOf(renamed ?? [])[0]?.resource).toEqual({
      kind: 'model',
      id: 'm1',
      name: 'two',
      previousName: 'one',
    });
  });

  it('tell a good value that passed between two looks', () => {
    const [, found] = through(
      look(1, [model({ timeout: 1 }, 1)]),
      look(5000, [model({ model_name: 42 }, 3)], [{ ...model({ timeout: 2 }, 2), since: 4000 }]),
    );
    expect(words(found)).toEqual(['update 2', 'applied 2', 'update 3', 'rejected 3']);
  });

  it('come into force when the refused value is accepted after all', () => {
    const [, refused, accepted, refusedAgain] = through(
      look(1, [model({ timeout: 1 }, 1)]),
      look(2, [model({ timeout: 2 }, 2)], [{ ...model({ timeout: 1 }, 1), since: 2000 }]),
      look(3, [model({ timeout: 2 }, 2)]),
      look(4, [model({ timeout: 2 }, 2)], [{ ...model({ timeout: 1 }, 1), since: 4000 }]),
    );
    expect(words(refused)).toEqual(['update 2', 'rejected 2']);
    expect(words(accepted)).toEqual(['applied 2']);
    expect(words(refusedAgain)).toEqual(['applied 1', 'rejected 2']);
    expect(refusedAgain?.[1]?.observationId).not.toBe(refused?.[1]?.observationId);
  });

  it('are told apart without revisions, as often as a value comes back', () => {
    const looks = [1, 2, 1, 2, 1].map((timeout, index) => look(index, [model({ timeout })]));
    const ids = through(...looks).flatMap((all) => changesOf(all).map(({ observationId }) => observationId));
    expect(new Set(ids).size).toBe(4);
    expect(ids).toEqual(through(...looks).flatMap((all) => changesOf(all).map((one) => one.observationId)));
  });

  it('show that a value differs where the difference is hidden', () => {
    const provider = (api_base: string, revision: number): SourceEntry => ({
      kind: 'provider_keys',
      id: 'p1',
      document: { display_name: 'p', api_base },
      revision,
    });
    const [, changed] = through(
      look(1, [provider('https://a.example/v1?key=canary-1', 1)]),
      look(2, [provider('https://a.example/v1?key=canary-2', 2)]),
    );
    const [change] = changesOf(changed ?? []);
    expect(change?.paths).toEqual([
      {
        path: '/api_base',
        before: expect.stringMatching(/^hmac:[0-9a-f]{12}$/),
        after: expect.stringMatching(/^hmac:[0-9a-f]{12}$/),
        secret: true,
      },
    ]);
    expect(change?.paths[0]?.before).not.toBe(change?.paths[0]?.after);
  });

  it('of unknown kinds show nothing but that they changed', () => {
    const widget = (turns: number, revision: number): SourceEntry => ({
      kind: 'widgets',
      id: 'w1',
      document: { name: 'w', turns, canary_field: 'canary' },
      revision,
    });
    const [present, changed] = through(look(1, [widget(1, 1)]), look(2, [widget(2, 2)]));
    expect(changesOf(changed ?? [])[0]?.paths).toMatchObject([{ path: '', secret: true }]);
    expect(JSON.stringify([present, changed])).not.toContain('canary');
  });

  it('are wanted only, where the source does not know what is in force', () => {
    const { stale: _, ...plain } = look(1, [model({}, 1)]);
    const first = snapshotDiff(undefined, plain, context);
    expect(first.observations).toMatchObject([{ type: 'present', as: 'desired' }]);
    const { stale: __, ...gone } = look(2, []);
    expect(words(snapshotDiff(first.state, gone, context).observations)).toEqual(['delete undefined']);
  });
});
