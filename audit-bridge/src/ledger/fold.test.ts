import { describe, expect, test } from 'vitest';
import type { ChangeObservation, InForceObservation, StatusObservation } from '../model/observation.ts';
import { foldChanges } from './fold.ts';
import { audited, reported, seen, served, T } from './testing/observations.ts';

type Told = ChangeObservation | InForceObservation | StatusObservation;

function fold(...observations: readonly Told[]) {
  return foldChanges({
    changes: observations.filter((one) => one.type === 'change'),
    inForce: observations.filter((one) => one.type === 'in_force'),
    statuses: observations.filter((one) => one.type === 'status'),
    verdicts: [],
  }).map(({ change }) => change);
}

describe('pairing', () => {
  test('equal revisions are one change, however far the clocks are apart', () => {
    const changes = fold(audited(-600, { revision: 7 }), seen(0, 1, { revision: 7 }), served(1, { revision: 7 }));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ occurredAt: T - 600_000, effective: [{ dataPlane: 'dp-1', at: T + 1000 }] });
  });

  test('different revisions are two changes, however near', () => {
    expect(fold(audited(0, { revision: 7 }), seen(-10, 0.2, { revision: 8, action: 'create' }))).toHaveLength(2);
  });

  test('without a revision the nearest within a minute of the interval counts', () => {
    const one = audited(0, { actor: { type: 'user', name: 'alice' } });
    const two = audited(40, { actor: { type: 'user', name: 'bob' } });
    const changes = fold(two, one, seen(41, 42), seen(1, 2));
    expect(changes.map(({ actor, trust }) => [actor?.name, trust])).toEqual([
      ['alice', 'signed'],
      ['bob', 'signed'],
    ]);
    expect(fold(audited(0), seen(60, 61))).toHaveLength(1);
    expect(fold(audited(0), seen(60.001, 61))).toHaveLength(2);
  });

  test('in a burst the values tell which is which', () => {
    const to = (value: number) => [{ path: '/timeout', before: 1, after: value, secret: false }];
    // Projection takes longer than the events are apart: the second event is nearest to the first sighting.
    const changes = fold(
      audited(0, { paths: to(10), actor: { type: 'user', name: 'alice' } }),
      audited(0.9, { paths: to(20), actor: { type: 'user', name: 'bob' } }),
      seen(1.1, 1.3, { paths: to(10), revision: 5 }),
      seen(2, 2.2, { paths: to(20), revision: 6 }),
    );
    expect(changes.map(({ actor, revision }) => [actor?.name, revision])).toEqual([
      ['alice', 5],
      ['bob', 6],
    ]);
  });

  test.each([
    ['enable', 'update', 1],
    ['disable', 'update', 1],
    ['rotate', 'update', 1],
    ['other', 'update', 1],
    ['revoke', 'update', 1],
    ['revoke', 'delete', 1],
    ['delete', 'delete', 1],
    ['delete', 'update', 2],
    ['invite', 'create', 2],
    ['create', 'update', 2],
  ] as const)('%s of an audit log and an observed %s are %i change(s)', (told, observed, count) => {
    const changes = fold(audited(0, { action: told }), seen(0, 1, { action: observed }));
    expect(changes).toHaveLength(count);
    if (count === 1) expect(changes[0]?.action).toBe(told);
  });

  test('what failed is a change of its own that nothing was seen of', () => {
    const changes = fold(
      audited(0, { result: 'failure', revision: 7 }),
      seen(0, 1, { revision: 7 }),
      served(1, { revision: 7 }),
    );
    expect(changes.map(({ result, state }) => [result, state])).toEqual([
      ['failure', 'unknown'],
      ['success', 'applied'],
    ]);
  });

  test('an event that only has a name meets the resource that bore it', () => {
    const rename = seen(0, 1, { resource: { kind: 'model', id: 'm-1', name: 'new', previousName: 'old' } });
    const [change, ...others] = fold(audited(0, { resource: { kind: 'model', name: 'old' } }), rename);
    expect(others).toEqual([]);
    expect(change?.resource).toEqual({ kind: 'model', id: 'm-1', name: 'new', previousName: 'old' });
  });
});

describe('several feeds', () => {
  test('deletions of two data planes within a minute are one, of one data plane two', () => {
    const gone = { action: 'delete' } as const;
    const there = { ...gone, dataPlane: 'dp-2' };
    const removed = { state: 'removed' } as const;
    const both = fold(
      seen(0, 1, gone),
      seen(30, 31, there),
      served(1, removed),
      served(31, { ...removed, dataPlane: 'dp-2' }),
    );
    expect(both).toHaveLength(1);
    expect(both[0]?.effective.map(({ dataPlane }) => dataPlane)).toEqual(['dp-1', 'dp-2']);
    expect(both[0]?.dataPlane).toBeUndefined();
    expect(fold(seen(0, 1, gone), seen(62, 63, there))).toHaveLength(2);
    expect(fold(seen(0, 1, gone), seen(30, 31, gone))).toHaveLength(2);
  });

  test('who and what come from the event, else from who looked closest', () => {
    const paths = [{ path: '/a', after: 1, secret: false }];
    const changes = fold(
      seen(-3600, 1, { revision: 7, foundLate: true, dataPlane: 'dp-2' }),
      seen(0, 2, { revision: 7, paths }),
    );
    expect(changes).toEqual([
      expect.objectContaining({ paths, occurredAt: T + 1000, observedBetween: [T, T + 2000], foundLate: false }),
    ]);
  });
});

describe('found late', () => {
  test('one observed update stands for all earlier ones that nobody saw', () => {
    const changes = fold(
      audited(100, { revision: 5 }),
      audited(200, { revision: 6, action: 'rotate' }),
      audited(300, { revision: 7, actor: { type: 'user', name: 'carol' } }),
      seen(0, 3600, { revision: 7, foundLate: true }),
      served(3600, { revision: 7 }),
    );
    expect(changes.map(({ state, effective, foundLate }) => [state, effective.length, foundLate])).toEqual([
      ['superseded', 0, false],
      ['superseded', 0, false],
      ['applied', 1, false],
    ]);
  });

  test('an earlier one outside the interval, or a later one, is not superseded', () => {
    const late = seen(0, 3600, { revision: 7, foundLate: true });
    const changes = fold(audited(-100, { revision: 5 }), audited(200, { revision: 8 }), late);
    expect(changes.map(({ state, trust }) => [state, trust])).toEqual([
      ['unknown', 'signed'],
      ['unknown', 'signed'],
      ['unknown', 'observed'],
    ]);
    expect(changes[2]).toMatchObject({ foundLate: true, observedBetween: [T, T + 3_600_000] });
  });
});

describe('in force by the status of a data plane', () => {
  const before = reported(-100, { applySeq: 3, appliedAt: T - 200_000, appliedRevision: 4 });

  test('takes a new apply that is not older than the change', () => {
    const applied = reported(4, { applySeq: 4, appliedAt: T - 500, appliedRevision: 5 });
    expect(fold(audited(0, { revision: 5 }), before, applied)[0]?.effective).toEqual([{ dataPlane: 'dp-1', at: T }]);
    const older = reported(4, { applySeq: 4, appliedAt: T - 2000, appliedRevision: 5 });
    expect(fold(audited(0, { revision: 5 }), before, older)[0]?.state).toBe('unknown');
  });

  test('is not shown by the revision alone, and not before the revision', () => {
    const moved = reported(4, { applySeq: 3, appliedAt: T - 200_000, appliedRevision: 5 });
    expect(fold(audited(0, { revision: 5 }), before, moved)[0]?.state).toBe('unknown');
    const anothers = reported(-0.2, { applySeq: 4, appliedAt: T - 500, appliedRevision: 4 });
    const still = reported(4, { applySeq: 4, appliedAt: T - 500, appliedRevision: 5 });
    expect(fold(audited(0, { revision: 5 }), before, anothers, still)[0]?.state).toBe('unknown');
    const behind = reported(4, { applySeq: 4, appliedAt: T + 1000, appliedRevision: 4 });
    expect(fold(audited(0, { revision: 5 }), before, behind)[0]?.state).toBe('unknown');
  });

  test('of a clock that is ten minutes off says nothing that was not seen', () => {
    const change = audited(0, { revision: 5 });
    const ahead = reported(4, { applySeq: 4, appliedAt: T + 602_000, appliedRevision: 5 });
    expect(fold(change, before, ahead)[0]?.effective).toEqual([{ dataPlane: 'dp-1', at: T + 4000 }]);
    const behind = reported(4, { applySeq: 4, appliedAt: T - 598_000, appliedRevision: 5 });
    expect(fold(change, before, behind)[0]).toMatchObject({ state: 'unknown', effective: [] });
    // A watcher beside the data plane needs no clock of it.
    expect(fold(change, before, behind, seen(-1, 1, { revision: 5 }), served(1, { revision: 5 }))[0]).toMatchObject({
      state: 'applied',
      effective: [{ at: T + 1000 }],
    });
  });

  test('a refused document is rejected, and the last good one in force when its key leaves the list', () => {
    const rejected = [{ kind: 'models', id: 'm-1' }];
    const refuses = reported(1, { applySeq: 3, appliedAt: T - 200_000, appliedRevision: 5, rejected });
    const serves = reported(41, { applySeq: 3, appliedAt: T - 200_000, appliedRevision: 6 });
    const changes = fold(audited(0, { revision: 5 }), audited(40, { revision: 6 }), before, refuses, serves);
    expect(changes.map(({ state, effective }) => [state, effective])).toEqual([
      ['rejected', []],
      ['applied', [{ dataPlane: 'dp-1', at: T + 41_000 }]],
    ]);
  });

  test('says nothing of kinds that no data plane has', () => {
    const resource = { kind: 'team', id: 't-1' };
    const applied = reported(4, { applySeq: 4, appliedAt: T, appliedRevision: 5 });
    expect(fold(audited(0, { resource }), before, applied)[0]?.state).toBe('unknown');
  });

  test('yields to what was seen on the disk of the same data plane', () => {
    const applied = reported(4, { applySeq: 4, appliedAt: T + 3000, appliedRevision: 5 });
    const changes = fold(audited(0, { revision: 5 }), before, applied, served(0.3, { revision: 5 }));
    expect(changes[0]?.effective).toEqual([{ dataPlane: 'dp-1', at: T + 300 }]);
  });
});
