import type { ConfigChange } from '@aisix-observability/evidence';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Observation } from '../model/observation.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { T } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { verifyLedger } from './verify.ts';

const MINUTE = 60_000;

/** More of them by `LEDGER_RUNS`, when the fold is worked on. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 60);

const resource = fc.constantFrom(
  { kind: 'model', id: 'm-1', name: 'gpt' },
  { kind: 'model', id: 'm-1', name: 'gpt-new', previousName: 'gpt' },
  { kind: 'model', id: 'm-2', name: 'gpt' },
  { kind: 'model', name: 'gpt' },
  { kind: 'model', name: 'gpt-new' },
  { kind: 'api_key', id: 'm-1' },
  { kind: 'mcp_auth_settings' },
);
/** Close together, and hours apart. */
const moment = fc.oneof(fc.integer({ min: 0, max: 3 * MINUTE }), fc.integer({ min: 0, max: 300 * MINUTE }));
const revision = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
const document = fc.option(fc.constantFrom({ timeout: 1 }, { timeout: 2 }, null), { nil: undefined });
const dataPlane = fc.constantFrom('dp-1', 'dp-2');

const audit = fc.record({
  type: fc.constant('change' as const),
  feed: fc.constantFrom({ type: 'webhook', name: 'cloud' }, { type: 'poll', name: 'poll' }),
  trust: fc.constantFrom('signed', 'polled'),
  action: fc.constantFrom('create', 'update', 'delete', 'rotate', 'revoke', 'invite'),
  resource,
  at: moment,
  revision,
  after: document,
  result: fc.constantFrom('success', 'success', 'failure'),
  paths: fc.constantFrom([], [{ path: '/timeout', after: 1, secret: false }]),
});
const sighting = fc.record({
  type: fc.constant('change' as const),
  feed: fc.constantFrom({ type: 'config_cache', name: 'cache' }, { type: 'etcd', name: 'etcd' }),
  trust: fc.constant('observed'),
  action: fc.constantFrom('create', 'update', 'delete'),
  resource,
  at: moment,
  width: fc.constantFrom(200, 10_000, 100 * MINUTE),
  revision,
  after: document,
  dataPlane,
});
const inForce = fc.record({
  type: fc.constant('in_force' as const),
  resource,
  at: moment,
  revision,
  state: fc.constantFrom('applied', 'removed', 'rejected'),
  valueHash: fc.constantFrom(undefined, 'c4f5', 'hash'),
  dataPlane,
});
const status = fc.record({
  type: fc.constant('status' as const),
  at: moment,
  dataPlane,
  applySeq: fc.integer({ min: 1, max: 5 }),
  appliedAt: moment,
  rejected: fc.constantFrom([], [{ kind: 'models', id: 'm-1' }]),
});

/** Up to two contents of one id may come: that is a conflict, not a repetition. */
const observations: fc.Arbitrary<Observation[]> = fc
  .array(fc.oneof(audit, sighting, inForce, status), { minLength: 1, maxLength: 14 })
  .map((drafts) => drafts.map((draft, index) => complete(draft as Draft, index)));

const histories = observations.chain((history) =>
  fc.record({
    history: fc.constant(history),
    shuffled: fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2 }),
  }),
);

type Draft = Record<string, unknown> & { type: string; at: number; width?: number; appliedAt?: number; trust?: string };

function complete({ at, width, appliedAt, ...draft }: Draft, index: number): Observation {
  const time = T + at;
  const known = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
  return {
    observationId: `o-${index}`,
    feed: { type: 'config_cache', name: 'cache' },
    environment: 'prod',
    observedAt: time,
    ...(draft.type === 'change' && { foundLate: width === 100 * MINUTE, paths: [], result: 'success', source: 'test' }),
    ...(width === undefined
      ? draft.type === 'change' && { occurredAt: time, contentHash: String(index) }
      : { seenBetween: [time - width, time] }),
    ...(draft.type === 'in_force' && { at: time }),
    ...(appliedAt !== undefined && { appliedAt: T + appliedAt, appliedRevision: 6, state: 'synced' }),
    ...known,
  } as unknown as Observation;
}

function changesOf(ledger: Ledger): ConfigChange[] {
  const versions = ledger.versionsAfter(0, 10_000);
  return versions
    .flatMap((version) => ('change' in version ? [version.change] : []))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

test('any history comes out the same in any order, in any batches, and when it is folded anew', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.integer({ min: 1, max: 5 }), async ({ history, shuffled }, size) => {
      const reference = openLedger(temporaryPath());
      await reference.observe(history);
      const expected = changesOf(reference);

      const told = history.filter(({ type }) => type === 'change').length;
      expect(expected.length).toBeLessThanOrEqual(told);
      expect(new Set(expected.map(({ id }) => id)).size).toBe(expected.length);

      const ledger = openLedger(temporaryPath());
      const ids = new Set<string>();
      for (let index = 0; index < shuffled.length; index += size) {
        await ledger.observe(shuffled.slice(index, index + size));
        for (const version of ledger.versionsAfter(0, 10_000)) ids.add(version.id);
      }
      expect(changesOf(ledger)).toEqual(expected);
      // No id that was ever handed out leads nowhere.
      for (const id of ids) expect(ledger.getChange(id)).toBeDefined();

      const version = ledger.lastVersion();
      ledger.rebuild();
      expect(changesOf(ledger)).toEqual(expected);
      expect(ledger.lastVersion()).toBe(version);
      await Promise.all([reference.close(), ledger.close()]);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

test('reports of one moment tell the same in whichever order they come', async () => {
  const change = complete(
    {
      type: 'change',
      feed: { type: 'etcd', name: 'etcd' },
      trust: 'observed',
      action: 'create',
      resource: { kind: 'mcp_auth_settings' },
      at: 11,
      width: 200,
      revision: 3,
      after: null,
      dataPlane: 'dp-1',
    },
    9,
  );
  const report = (index: number, appliedAt: number) =>
    complete({ type: 'status', at: 15, dataPlane: 'dp-1', applySeq: 3, appliedAt, rejected: [] }, index);
  const [first, second] = [report(0, 2), report(3, 186_186)];
  const told = async (order: readonly Observation[]) => {
    const ledger = openLedger(temporaryPath());
    for (const observation of order) await ledger.observe([observation]);
    const changes = changesOf(ledger);
    await ledger.close();
    return changes;
  };
  const expected = await told([first, second, change]);
  expect(expected[0]?.effective).toEqual([{ dataPlane: 'dp-1', at: T + 11 }]);
  expect(await told([change, second, first])).toEqual(expected);
  expect(await told([change, first, second])).toEqual(expected);
  expect(await told([second, change, first])).toEqual(expected);
});

test('any history verifies, with verdicts on it, and whatever retention dropped of it', async () => {
  const drops = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(histories, fc.integer({ min: 1, max: 5 }), drops, async ({ shuffled }, size, dropped) => {
      const path = temporaryPath();
      const clock = { now: 0 };
      const ledger = openLedger(path, { now: () => clock.now });
      for (let index = 0; index < shuffled.length; index += size) {
        clock.now += 1;
        await ledger.observe(shuffled.slice(index, index + size));
        const [version] = ledger.versionsAfter(ledger.lastVersion() - 1, 1);
        if (index % 3 === 0 && version !== undefined) {
          await ledger.setVerdict(version.id, { value: 'cleared', by: 'bob', at: T });
        }
      }
      for (const before of [0, ...dropped]) {
        await ledger.dropBefore(before);
        expect(verifyLedger(path)).toMatchObject({ ok: true });
      }
      await ledger.close();
    }),
    // Shrinking takes minutes.
    { numRuns: Math.ceil(RUNS / 3), endOnFailure: true },
  );
}, 120_000);
