import { describe, expect, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { audited, seen, served, T } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const look = (value: string, seconds: number, name = '+5m') => ({
  value,
  reason: 'worse_than_expected',
  look: name,
  at: T + seconds * 1_000,
  sentence: '3 of 412 failed before, 57 of 398 after',
});

async function rig() {
  const path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe([audited(0, { action: 'update' }), audited(500, { action: 'update' })]);
  const [first = '', second = ''] = ledger
    .versionsAfter(0, 10)
    .map(({ id }) => ledger.getChange(id))
    .toSorted((a, b) => (a?.occurredAt ?? 0) - (b?.occurredAt ?? 0))
    .map((change) => change?.id ?? '');
  return { path, ledger, first, second };
}

const range = { environments: ['prod'], from: T - 1_000, to: T + 3_600_000, limit: 10, order: 'oldest' } as const;

describe('what looks found', () => {
  test('is served with the change, the newest of several, and makes no new version of it', async () => {
    const { ledger, first } = await rig();
    const version = ledger.lastVersion();
    expect((await ledger.setComputed(first, look('undecided', 300)))?.verdict?.computed?.value).toBe('undecided');
    await ledger.setComputed(first, look('suspect', 600, '+10m'));
    await ledger.setComputed(first, look('cleared', 400));
    expect(ledger.getChange(first)?.verdict).toEqual({ computed: look('suspect', 600, '+10m') });
    expect(ledger.lastVersion()).toBe(version);
    expect(await ledger.setComputed('nobody', look('suspect', 1))).toBeUndefined();
    await ledger.close();
  });

  test('can be searched by, and counts while no person has said anything', async () => {
    const { ledger, first, second } = await rig();
    await ledger.setComputed(first, look('suspect', 300));
    await ledger.setComputed(second, look('suspect', 800));
    const found = () =>
      ledger
        .searchChanges({ ...range, filters: [{ field: 'computedVerdict', op: 'eq', value: 'suspect' }] })
        .changes.map(({ id }) => id);
    expect(found()).toEqual([first, second]);
    expect(ledger.searchChanges(range).changes.map(({ verdict }) => verdict?.computed?.look)).toEqual(['+5m', '+5m']);
    expect([...ledger.openVerdicts('suspect', T - 1)]).toEqual([['prod', 2]]);
    expect([...ledger.openVerdicts('suspect', T + 100_000)]).toEqual([['prod', 1]]);
    await ledger.setVerdict(first, { value: 'cleared', by: 'kim', at: T + 900_000 });
    expect([...ledger.openVerdicts('suspect', T - 1)]).toEqual([['prod', 1]]);
    expect(ledger.getChange(first)?.verdict).toMatchObject({
      human: { value: 'cleared' },
      computed: { value: 'suspect' },
    });
    await ledger.close();
  });

  test('stays with a change whose id changes, over a rebuild and over opening again, in the chain', async () => {
    const path = temporaryPath();
    const ledger = openLedger(path);
    await ledger.observe([audited(0, { action: 'update' })]);
    const [early] = ledger.versionsAfter(0, 10);
    await ledger.setComputed(early?.id ?? '', look('suspect', 30));
    await ledger.observe([seen(0, 1, { revision: 7 }), served(1, { revision: 7 })]);
    const [change, ...others] = ledger.searchChanges(range).changes;
    expect([others, change?.revision, change?.verdict?.computed?.value]).toEqual([[], 7, 'suspect']);
    expect(change?.id).not.toBe(early?.id);
    ledger.rebuild();
    expect(ledger.getChange(change?.id ?? '')?.verdict?.computed?.value).toBe('suspect');
    await ledger.close();
    expect(verifyLedger(path)).toMatchObject({ ok: true });
    const again = openLedger(path);
    expect(again.getChange(early?.id ?? '')?.verdict?.computed?.value).toBe('suspect');
    expect([...again.openVerdicts('suspect', T - 1)]).toEqual([['prod', 1]]);
    await again.close();
  });
});

test('what a person said stays, whatever looks find later, over a new id, opening again and a rebuild, in the chain', async () => {
  const path = temporaryPath();
  const ledger = openLedger(path);
  await ledger.observe([audited(0, { action: 'update' })]);
  const [early] = ledger.versionsAfter(0, 10);
  const human = { value: 'cleared', by: 'kim', at: T + 20, note: 'a test' } as const;
  await ledger.setVerdict(early?.id ?? '', human);
  await ledger.setComputed(early?.id ?? '', look('suspect', 30));
  await ledger.observe([seen(0, 1, { revision: 7 }), served(1, { revision: 7 })]);
  const [change] = ledger.searchChanges(range).changes;
  expect(change?.id).not.toBe(early?.id);
  await ledger.setComputed(change?.id ?? '', look('undecided', 60));
  const expected = { human, computed: look('undecided', 60) };
  expect(ledger.getChange(change?.id ?? '')?.verdict).toEqual(expected);
  await ledger.close();
  expect(verifyLedger(path)).toMatchObject({ ok: true });
  const again = openLedger(path);
  expect(again.getChange(early?.id ?? '')?.verdict).toEqual(expected);
  again.rebuild();
  expect(again.getChange(early?.id ?? '')?.verdict).toEqual(expected);
  expect([...again.openVerdicts('suspect', T - 1)]).toEqual([]);
  await again.close();
});

test('the last word of a person counts, also after the clock was set back', async () => {
  const { ledger, first } = await rig();
  const say = async (value: 'confirmed' | 'cleared' | null, at: number) =>
    (await ledger.setVerdict(first, { value, by: 'kim', at }))?.verdict?.human?.value;
  expect(await say('confirmed', T + 100)).toBe('confirmed');
  expect(await say('cleared', T + 40)).toBe('cleared');
  expect(await say(null, T + 30)).toBeUndefined();
  await ledger.close();
});

test('the versions of the configuration are what held at the beginning and what came after', async () => {
  const ledger = openLedger(temporaryPath());
  await ledger.observe([
    seen(0, 1, { revision: 5, action: 'create', after: { timeout: 1 } }),
    served(1, { revision: 5 }),
    seen(10, 11, { revision: 6, after: { timeout: 2 } }),
    served(11, { revision: 6 }),
    seen(20, 21, { revision: 7, after: { timeout: 3 } }),
    served(21, { revision: 7 }),
  ]);
  const versions = (from: number, to: number) =>
    ledger
      .configVersions('prod', T + from * 1_000, T + to * 1_000)
      .filter(({ dataPlane }) => dataPlane !== null)
      .map(({ since, value }) => [(since - T) / 1_000, value?.timeout]);
  expect(versions(12, 30)).toEqual([
    [11, 2],
    [21, 3],
  ]);
  expect(versions(0, 12)).toEqual([
    [1, 1],
    [11, 2],
  ]);
  expect(versions(40, 50)).toEqual([[21, 3]]);
  await ledger.close();
});
