import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../model/observation.ts';
import { foldChanges } from './fold.ts';
import { openLedger } from './ledger.ts';
import type { Interval } from './observed.ts';
import { audited, reported, seen, served, T } from './testing/observations.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { foldWindow } from './windows.ts';

/** More of them by `LEDGER_RUNS`, when the fold is worked on. */
const RUNS = Number(process.env.LEDGER_RUNS ?? 4);

const step = fc.record({
  pause: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 40 }), weight: 30 },
    { arbitrary: fc.constant(400), weight: 2 },
  ),
  told: fc.constantFrom('with revision', 'without', 'without', 'not'),
  seen: fc.constantFrom('soon', 'late', 'late', 'not'),
  lag: fc.integer({ min: 1, max: 58 }),
  odd: fc.oneof(
    { arbitrary: fc.constant('none'), weight: 40 },
    { arbitrary: fc.constantFrom('wide', 'deletion', 'failure', 'refused', 'second data plane'), weight: 2 },
  ),
  reported: fc.constantFrom(undefined, 2, 300, 450),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/**
 * Hours of a resource that is changed every few seconds, now and then with what makes pairing hard. Without paths only
 * nearness tells which event belongs to which sighting, and each choice hangs on the next.
 */
const busy = fc
  .record({
    steps: fc.array(step, { minLength: 60, maxLength: 160 }),
    paths: fc.boolean(),
    revisions: fc.boolean(),
    reports: fc.boolean(),
  })
  .map(({ steps, ...shape }) => {
    let at = 0;
    return steps.flatMap((one, index) => {
      at += one.pause;
      return observationsOf(one, index + 1, at, shape);
    });
  });

interface Shape {
  readonly paths: boolean;
  readonly revisions: boolean;
  readonly reports: boolean;
}

function observationsOf(step: Step, n: number, at: number, shape: Shape): Observation[] {
  const lag = step.seen === 'late' ? step.lag : 0.4;
  const isDeletion = step.odd === 'deletion';
  const common = {
    action: isDeletion ? 'delete' : 'update',
    paths: shape.paths ? [{ path: '/timeout', after: n, secret: false }] : [],
  } as const;
  const revision = isDeletion ? {} : { revision: n };
  const told = audited(at, {
    ...common,
    result: step.odd === 'failure' ? 'failure' : 'success',
    ...(shape.revisions || step.told === 'with revision' ? revision : {}),
  });
  const from = at - (step.odd === 'wide' ? 900 : 0.1);
  const sighting = { ...common, ...revision, foundLate: step.odd === 'wide' };
  const state = isDeletion ? 'removed' : step.odd === 'refused' ? 'rejected' : 'applied';
  const applied = { applySeq: n, appliedAt: T + Math.floor(at) * 1000, appliedRevision: n, dataPlane: 'dp-3' };
  return [
    ...(step.told === 'not' ? [] : [told]),
    ...(step.seen === 'not' ? [] : [seen(from, at + lag, sighting), served(at + lag, { state, ...revision })]),
    ...(step.odd === 'second data plane' ? [seen(at + 100, at + 101, { ...sighting, dataPlane: 'dp-2' })] : []),
    ...(shape.reports && step.reported !== undefined ? [reported(at + step.reported, applied)] : []),
  ];
}

test('folding around what comes in gives what folding everything gives', async () => {
  const histories = busy.chain((all) =>
    fc.record({ all: fc.constant(all), shuffled: fc.shuffledSubarray(all, { minLength: all.length }) }),
  );
  await fc.assert(
    fc.asyncProperty(histories, fc.integer({ min: 1, max: 40 }), async ({ all, shuffled }, size) => {
      const whole = foldChanges({
        changes: all.filter(({ type }) => type === 'change') as never,
        inForce: all.filter(({ type }) => type === 'in_force') as never,
        statuses: all.filter(({ type }) => type === 'status') as never,
        verdicts: [],
      }).map(({ change }) => change);
      for (const order of [all, shuffled]) {
        const ledger = openLedger(temporaryPath());
        for (let index = 0; index < order.length; index += size) {
          await ledger.observe(order.slice(index, index + size));
        }
        const changes = ledger
          .versionsAfter(0, 10_000)
          .flatMap((version) => ('change' in version ? [version.change] : []));
        expect(changes.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))).toEqual(whole);
        await ledger.close();
      }
    }),
    // Shrinking folds such histories hundreds of times.
    { numRuns: RUNS, endOnFailure: true },
  );
}, 240_000);

describe('what is folded again', () => {
  const HOUR = 3_600_000;
  const lengthOf = ([from, to]: Interval) => to - from;
  const nothing = { hasPairingByTime: () => false, hasReports: () => false, spread: () => undefined };

  test.each([
    ['by revisions alone', nothing],
    ['by time', { ...nothing, hasPairingByTime: () => true }],
    ['by time, beside reports', { ...nothing, hasPairingByTime: () => true, hasReports: () => true }],
  ])('does not grow with what is there before and after: %s', (_, reach) => {
    const { out, within } = foldWindow([T, T], reach);
    expect(within[0]).toBeLessThan(out[0]);
    expect(within[1]).toBeGreaterThan(out[1]);
    expect(lengthOf(within)).toBeLessThan(2 * HOUR);
  });

  test('covers what is more than a moment, and begins anew around it', () => {
    const spread = ([from, to]: Interval): Interval | undefined =>
      from < T - 60_000 && to > T ? [T - 5 * HOUR, T - 60_000] : undefined;
    const { out } = foldWindow([T, T], { ...nothing, spread });
    expect(out[0]).toBeLessThan(T - 5 * HOUR);
  });
});
