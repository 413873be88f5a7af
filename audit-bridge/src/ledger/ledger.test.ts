import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { ConfigChange } from '@aisix-observability/evidence';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChangeObservation, Observation } from '../model/observation.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { signedEvents, statusReports, watched } from './testing/story.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

function changesOf(ledger: Ledger): Map<string, ConfigChange> {
  const versions = ledger.versionsAfter(0, 100_000);
  return new Map(versions.flatMap((version) => ('change' in version ? [[version.id, version.change] as const] : [])));
}

const everything = (): Observation[] => [
  ...watched('story'),
  ...signedEvents('story'),
  ...watched('story', 'dp-2', 3000),
  ...statusReports('story'),
];

test('what was observed is there after a restart, once, in a file of its owner', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  const first = await ledger.observe(everything());
  expect(first).toEqual({ stored: everything().length, repeated: 0, conflicts: [] });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const changes = changesOf(ledger);
  expect(changes.size).toBe(15);
  await ledger.close();

  const again = openLedger(path);
  expect(changesOf(again)).toEqual(changes);
  const version = again.lastVersion();
  expect(await again.observe(everything())).toEqual({ stored: 0, repeated: first.stored, conflicts: [] });
  expect(again.lastVersion()).toBe(version);
  await again.close();
});

test('any order, batching and duplication of arrival leads to the same changes', async () => {
  const all = everything();
  const reference = openLedger(temporaryPath());
  await reference.observe(all);
  const expected = changesOf(reference);
  await reference.close();
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
      fc.integer({ min: 1, max: 60 }),
      async (shuffled, size) => {
        const ledger = openLedger(temporaryPath());
        for (let index = 0; index < shuffled.length; index += size) {
          await ledger.observe(shuffled.slice(index, index + size));
        }
        expect(changesOf(ledger)).toEqual(expected);
        await ledger.close();
      },
    ),
    { numRuns: 12 },
  );
});

test('the same id with other content is kept as a conflict and shown, whichever came first', async () => {
  const [event] = signedEvents('story') as [ChangeObservation];
  const other = { ...event, actor: { type: 'user', name: 'mallory' }, contentHash: 'f'.repeat(32) };
  const results: ConfigChange[][] = [];
  for (const order of [
    [event, other],
    [other, event],
  ]) {
    const ledger = openLedger(temporaryPath());
    for (const [index, observation] of [...order, ...order].entries()) {
      const { stored, conflicts } = await ledger.observe([observation]);
      expect(stored).toBe(index === 0 ? 1 : 0);
      // What came first stays known.
      expect(conflicts).toEqual(index % 2 === 1 ? [event.observationId] : []);
    }
    expect(ledger.head()?.seq).toBe(2);
    results.push([...changesOf(ledger).values()]);
    await ledger.close();
  }
  expect(results[0]).toHaveLength(1);
  expect(results[0]?.[0]).toMatchObject({ conflict: true });
  expect(results[1]).toEqual(results[0]);
});

test('contents of one id that tell of other times, resources and environments are one change, in any order', async () => {
  const [event, next] = signedEvents('story') as [ChangeObservation, ChangeObservation];
  const { revision: _, ...first } = event;
  const hours = 3 * 3_600_000;
  const contents = [
    first,
    { ...first, occurredAt: (event.occurredAt ?? 0) + hours, contentHash: 'e'.repeat(32) },
    { ...first, resource: { kind: 'api_key', id: 'k-1' }, contentHash: 'd'.repeat(32) },
    { ...first, environment: null, occurredAt: (event.occurredAt ?? 0) - hours, contentHash: '0'.repeat(32) },
  ];
  const results: ConfigChange[][] = [];
  for (const order of [contents, contents.toReversed(), [...contents.slice(2), ...contents.slice(0, 2)]]) {
    const ledger = openLedger(temporaryPath());
    for (const observation of order) await ledger.observe([observation]);
    // What comes to one of their places leaves the others alone.
    await ledger.observe([next, { ...first, observationId: 'another', contentHash: 'a' }]);
    results.push([...changesOf(ledger).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    ledger.rebuild();
    expect([...changesOf(ledger).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(results[0]);
    await ledger.close();
  }
  expect(results[0]).toHaveLength(3);
  expect(results[0]?.filter(({ conflict }) => conflict)).toMatchObject([
    { environment: null, occurredAt: (event.occurredAt ?? 0) - hours },
  ]);
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test('a hundred deliveries of one event at once are one row', async () => {
  const ledger = openLedger(temporaryPath());
  const [event] = signedEvents('story') as [ChangeObservation];
  const results = await Promise.all(Array.from({ length: 100 }, () => ledger.observe([event])));
  expect(results.filter(({ stored }) => stored === 1)).toHaveLength(1);
  expect(ledger.head()?.seq).toBe(1);
  await ledger.close();
});

test('a change that gets a better id is found by its old one, and readers are told', async () => {
  const ledger = openLedger(temporaryPath());
  const calls: number[] = [];
  ledger.onVersions(() => calls.push(ledger.lastVersion()));
  const [event] = signedEvents('story') as [ChangeObservation];
  const { revision, ...withoutRevision } = event;
  await ledger.observe([withoutRevision]);
  const [before] = ledger.versionsAfter(0, 10);
  expect(before).toMatchObject({ version: 1, change: { state: 'unknown' } });
  const oldId = before?.id as string;

  await ledger.observe(
    watched('story')
      .filter(({ type }) => type !== 'present')
      .slice(0, 2),
  );
  const after = ledger.versionsAfter(1, 10);
  const change = ledger.getChange(oldId);
  expect(change).toMatchObject({ revision, state: 'applied', actor: { name: 'alice' } });
  expect(change?.id).not.toBe(oldId);
  expect(after).toEqual([
    { version: 2, id: change?.id, change, aliases: expect.arrayContaining([oldId]) },
    { version: 3, id: oldId, replacedBy: change?.id },
  ]);
  expect(calls).toEqual([1, 3]);

  expect(await ledger.setVerdict(oldId, { value: 'cleared', by: 'ann', at: 5, note: 'not it' })).toMatchObject({
    verdict: { human: { value: 'cleared', by: 'ann', at: 5, note: 'not it' } },
  });
  expect((await ledger.setVerdict(oldId, { value: null, by: 'ann', at: 6 }))?.verdict).toBeUndefined();
  expect(await ledger.setVerdict('unknown', { value: 'cleared', by: 'ann', at: 7 })).toBeUndefined();
  await ledger.close();
});

test('what was derived can be dropped and made anew', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe(everything());
  const [id] = changesOf(ledger).keys() as unknown as [string];
  await ledger.setVerdict(id, { value: 'confirmed', by: 'ann', at: 5 });
  const changes = changesOf(ledger);
  const version = ledger.lastVersion();
  ledger.rebuild();
  expect(changesOf(ledger)).toEqual(changes);
  expect(ledger.lastVersion()).toBe(version);
  await ledger.close();

  const db = new DatabaseSync(path);
  db.exec('DELETE FROM changes; DELETE FROM members; DELETE FROM nodes; DELETE FROM names; DELETE FROM aliases');
  db.close();
  const emptied = openLedger(path);
  emptied.rebuild();
  expect(changesOf(emptied)).toEqual(changes);
  await emptied.close();
});

test('a file of version 1 is brought forward, with everything in it', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe(everything());
  const [event] = signedEvents('story') as [ChangeObservation];
  await ledger.observe([{ ...event, actor: { type: 'user', name: 'mallory' }, contentHash: 'f'.repeat(32) }]);
  const [changes, head, version] = [changesOf(ledger), ledger.head(), ledger.lastVersion()];
  await ledger.close();

  const db = new DatabaseSync(path);
  db.exec(`
    DROP INDEX members_by_contest;
    ALTER TABLE members DROP COLUMN contest;
    ALTER TABLE members DROP COLUMN observed;
    ALTER TABLE members DROP COLUMN environment;
    ALTER TABLE observation_ids DROP COLUMN seq;
    DROP TABLE computed_verdicts;
    PRAGMA user_version = 1`);
  db.close();
  const forward = openLedger(path);
  expect(changesOf(forward)).toEqual(changes);
  expect([forward.head(), forward.lastVersion()]).toEqual([head, version]);
  expect(await forward.observe(everything())).toMatchObject({ stored: 0 });
  expect([...changesOf(forward).values()].filter(({ conflict }) => conflict)).toHaveLength(1);
  await forward.close();
  expect(verifyLedger(path, head === undefined ? [] : [head])).toMatchObject({ ok: true });
});
