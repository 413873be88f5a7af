import { expect, test } from 'vitest';
import type { PresentObservation } from '../model/observation.ts';
import { openLedger } from './ledger.ts';
import { audited, reported, seen, served, T } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const DAY = 86_400_000;

function present(id: string, value: Record<string, unknown>): PresentObservation {
  return {
    type: 'present',
    observationId: `present-${id}`,
    feed: { type: 'config_cache', name: 'cache' },
    observedAt: T,
    environment: 'prod',
    dataPlane: 'dp-1',
    resource: { kind: 'model', id, name: id },
    value,
    at: T,
    as: 'both',
  };
}

async function aged() {
  const path = temporaryPath();
  const clock = { now: T };
  const ledger = openLedger(path, { now: () => clock.now });
  const model = (id: string) => ({ resource: { kind: 'model', id, name: id } });
  await ledger.observe([
    present('old', { display_name: 'old', timeout: 1 }),
    present('doomed', { display_name: 'doomed' }),
    audited(10, { ...model('made'), action: 'create', after: { display_name: 'made' }, observationId: 'made' }),
    seen(10, 11, { ...model('made'), action: 'create', after: { display_name: 'made' }, revision: 3 }),
    served(11, { ...model('made'), revision: 3 }),
    seen(20, 21, { ...model('doomed'), action: 'delete', after: null }),
    served(21, { ...model('doomed'), state: 'removed' }),
  ]);
  clock.now = T + 10 * DAY;
  const recent = 10 * 86_400;
  await ledger.observe([
    seen(recent, recent + 1, { ...model('made'), after: { display_name: 'made', timeout: 5 }, revision: 9 }),
  ]);
  return { path, ledger, clock };
}

test('old rows go, a tombstone stays that verifies, and what existed is still known', async () => {
  const { path, ledger, clock } = await aged();
  const head = ledger.head();
  const versions = ledger.lastVersion();
  const before = ledger.catalogueAt('prod', T + 5 * DAY);
  expect(before.desired.map(({ id }) => id)).toEqual(['made', 'old']);
  expect(await ledger.dropBefore(T + 5 * DAY)).toBe(7);

  expect(ledger.catalogueAt('prod', T + 5 * DAY)).toEqual(before);
  expect(ledger.catalogueAt('prod', T + 11 * DAY).desired.find(({ id }) => id === 'made')).toMatchObject({
    revision: 9,
  });
  const left = ledger.versionsAfter(versions, 100);
  expect(left.every((version) => !('change' in version) && version.replacedBy === undefined)).toBe(true);
  expect(left).toHaveLength(2);
  expect(
    ledger.searchChanges({ environments: ['prod'], from: 0, to: 2 * T, limit: 10, order: 'oldest' }).changes,
  ).toHaveLength(1);

  expect(verifyLedger(path, head === undefined ? [] : [head])).toMatchObject({ ok: true, dropped: 7 });
  // For ever, also of what is gone.
  expect(await ledger.observe([audited(10, { observationId: 'made' })])).toMatchObject({ stored: 0, repeated: 1 });
  ledger.rebuild();
  expect(ledger.catalogueAt('prod', T + 5 * DAY)).toEqual(before);

  // Once more, when the tombstone itself is old.
  clock.now = T + 30 * DAY;
  await ledger.dropBefore(T + 20 * DAY);
  expect(verifyLedger(path)).toMatchObject({ ok: true });
  expect(ledger.catalogueAt('prod', T + 20 * DAY).desired.map(({ id, value }) => [id, value])).toEqual([
    ['made', { display_name: 'made', timeout: 5 }],
    ['old', { display_name: 'old', timeout: 1 }],
  ]);
  expect(ledger.catalogueAt('prod', T + 20 * DAY).inForce['dp-1']?.map(({ id }) => id)).toEqual(['made', 'old']);
  await ledger.close();
});

test('what was kept does not come back when its deletion is dropped', async () => {
  const { ledger, clock } = await aged();
  await ledger.dropBefore(T + 5 * DAY);
  // The deletion was taken in before the rows that keep the resource were written down.
  clock.now = T + 12 * DAY;
  await ledger.observe([
    seen(11 * 86_400, 11 * 86_400 + 1, {
      resource: { kind: 'model', id: 'old', name: 'old' },
      action: 'delete',
      after: null,
    }),
  ]);
  for (const days of [11, 12.5, 13, 20]) {
    clock.now = T + (days + 10) * DAY;
    await ledger.dropBefore(T + days * DAY);
    const { desired } = ledger.catalogueAt('prod', T + 25 * DAY);
    expect(desired.map(({ id }) => id)).toEqual(['made']);
  }
  await ledger.close();
});

test('nothing old, nothing dropped', async () => {
  const { path, ledger } = await aged();
  const head = ledger.head();
  expect(await ledger.dropBefore(T)).toBe(0);
  expect(ledger.head()).toEqual(head);
  expect(verifyLedger(path)).toMatchObject({ ok: true, dropped: 0 });
  await ledger.close();
});

test('what a dropped report told of a change that is still there goes with it', async () => {
  const path = temporaryPath();
  const clock = { now: T };
  const ledger = openLedger(path, { now: () => clock.now });
  await ledger.observe([
    reported(5, { applySeq: 1, appliedAt: T - 60_000 }),
    reported(12, { applySeq: 2, appliedAt: T + 11_000 }),
  ]);
  clock.now = T + DAY;
  // An event that came late.
  await ledger.observe([audited(10)]);
  const states = () =>
    ledger.versionsAfter(0, 10).flatMap((version) => ('change' in version ? [version.change.state] : []));
  expect(states()).toEqual(['applied']);
  expect(verifyLedger(path)).toMatchObject({ ok: true });
  await ledger.dropBefore(T + DAY);
  expect(states()).toEqual(['unknown']);
  expect(verifyLedger(path)).toMatchObject({ ok: true, dropped: 2 });
  await ledger.close();
});
