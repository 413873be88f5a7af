import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepted, createRig, json, type Rig, type Script, status } from './testing/rig.ts';
import type { Answer } from './transport.ts';

/** What a backend may do to a request, by name so that a failing case can be read. */
const MOODS = [
  'accept',
  'accept',
  'accept',
  'partial',
  'nonsense',
  '429',
  '503',
  'timeout',
  'lost',
  '401',
  '400',
  '500',
  '413',
] as const;

interface Case {
  readonly rows: readonly string[];
  readonly moods: readonly (typeof MOODS)[number][];
  readonly delays: readonly number[];
  readonly batchItems: number;
  readonly inFlight: number;
}

const rowShape = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('item', 'item', 'three') },
  { weight: 1, arbitrary: fc.constantFrom('poison', 'throw', 'skip:sampled', 'unserializable', '') },
);

const cases = fc.record({
  // A row names its items by its place, so that each can be followed.
  rows: fc.array(rowShape, { minLength: 1, maxLength: 60 }).map((shapes) =>
    shapes.map((shape, index) => {
      if (shape === 'item') return `${index}`;
      if (shape === 'three') return `${index}a,${index}b,${index}c`;
      return shape === 'poison' ? `${index}poison` : shape;
    }),
  ),
  moods: fc.array(fc.constantFrom(...MOODS), { maxLength: 60 }),
  delays: fc.array(fc.constantFrom(0, 1, 7, 150, 900), { minLength: 1, maxLength: 20 }),
  batchItems: fc.constantFrom(1, 2, 5, 16, 512),
  inFlight: fc.integer({ min: 1, max: 6 }),
});

/** A backend of moods that keeps its own books: what it took and what it said it rejected. */
function backend(rig: Rig, { moods, delays }: Case) {
  const taken = new Map<string, number>();
  let rejected = 0;
  let calls = 0;
  const take = (items: readonly string[], answer: Answer): Answer => {
    for (const item of items) taken.set(item, (taken.get(item) ?? 0) + 1);
    return answer;
  };
  const answer = (items: readonly string[], call: number): Answer => {
    if (items.some((item) => item.endsWith('poison'))) return status(400);
    switch (moods[call] ?? 'accept') {
      case 'accept':
        return take(items, accepted);
      case 'partial': {
        const some = Math.ceil(items.length / 3);
        rejected += some;
        return take(items, json(200, { partialSuccess: { rejectedSpans: `${some}` } }));
      }
      case 'nonsense':
        return take(items, status(200, { text: 'OK!' }));
      case '429':
        return status(429, { retryAfter: '3' });
      case '503':
        return status(503);
      case 'timeout':
        return { kind: 'failed', reason: 'timeout', code: 'ETIMEDOUT' };
      case 'lost':
        // It may well have taken them.
        return { kind: 'failed', reason: 'disconnected', code: 'ECONNRESET' };
      case '401':
        return status(401);
      case '400':
        return status(400);
      case '500':
        return status(500);
      case '413':
        return status(413);
    }
  };
  const script: Script = ({ items }) => {
    const call = calls;
    calls += 1;
    const delay = delays[call % delays.length] ?? 0;
    return new Promise((resolve) => {
      rig.clock.after(delay, () => resolve(answer(items, call)));
    });
  };
  return { script, taken, rejected: () => rejected };
}

/** A row is settled when it was skipped, set aside, or all of its items were taken. */
function isSettled(rig: Rig, taken: ReadonlyMap<string, number>, row: string, seq: number): boolean {
  if (row === '' || row.startsWith('skip:')) return true;
  if (rig.setAsideEntries.some((entry) => entry.seq === seq)) return true;
  return row.split(',').every((item) => taken.has(item));
}

function watchCursor(rig: Rig, test: Case, taken: ReadonlyMap<string, number>): string[] {
  const violations: string[] = [];
  const set = rig.cursors.set.bind(rig.cursors);
  let last = 0;
  rig.cursors.set = (reader, seq) => {
    if (seq < last) violations.push(`went back from ${last} to ${seq}`);
    last = seq;
    test.rows.slice(0, seq).forEach((row, index) => {
      if (!isSettled(rig, taken, row, index + 1)) violations.push(`at ${seq}, before row ${index + 1} was settled`);
    });
    set(reader, seq);
  };
  return violations;
}

describe('whatever a backend answers', () => {
  it('every row ends delivered, rejected by the backend or set aside, counted once, and the cursor never passes an open one', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (test) => {
        const rig = createRig();
        const { script, taken, rejected } = backend(rig, test);
        const violations = watchCursor(rig, test, taken);
        rig.stream.push(test.rows);
        const { batchItems, inFlight } = test;
        const destination = rig.start(script, { limits: { batchItems, inFlight } });
        await rig.clock.until(() => rig.cursors.get('destination:main') === test.rows.length);

        expect(violations).toEqual([]);
        const health = destination.health();
        const items = test.rows.flatMap((row) =>
          row === '' || row === 'throw' || row.startsWith('skip:') ? [] : row.split(','),
        );
        const itemsSetAside = [...rig.counted].filter(([name]) => name.startsWith('aisix_destination_items_set_aside'));
        const givenUp = itemsSetAside.reduce((sum, [, count]) => sum + count, 0);
        expect(health.delivered + health.rejected + givenUp).toBe(items.length);
        expect(health.rejected).toBe(rejected());
        // Each item was taken exactly once or its row is in the file.
        for (const [seq, row] of test.rows.entries()) {
          const aside = rig.setAsideEntries.filter((entry) => entry.seq === seq + 1);
          expect(aside.length).toBeLessThanOrEqual(1);
          if (row.startsWith('skip:') || row === '' || aside.length === 1) continue;
          for (const item of row.split(',')) expect(taken.get(item)).toBe(1);
        }
        const asideRows = Object.values(health.setAside).reduce((sum, count) => sum + count, 0);
        expect(asideRows).toBe(rig.setAsideEntries.length);
        expect(health.setAside.unpreparable ?? 0).toBe(test.rows.filter((row) => row === 'throw').length);
        const skipped = Object.values(health.skipped).reduce((sum, count) => sum + count, 0);
        expect(skipped).toBe(test.rows.filter((row) => row === '' || row.startsWith('skip:')).length);
      }),
      { numRuns: 120 },
    );
  });

  it('killed at any moment and started again: everything is taken, and only what lay behind the cursor is sent twice', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 4 }), async (test, kills) => {
        const rig = createRig();
        const { script, taken } = backend(rig, test);
        const violations = watchCursor(rig, test, taken);
        rig.stream.push(test.rows);
        const { batchItems, inFlight } = test;
        for (const millis of kills) {
          // A process that is killed: nothing it meant to do later happens, its cursor writes least of all.
          let dead = false;
          const cursors = {
            ...rig.cursors,
            set: (reader: string, seq: number) => !dead && rig.cursors.set(reader, seq),
          };
          const clock = {
            ...rig.clock,
            after: (wait: number, work: () => void) => rig.clock.after(wait, () => !dead && work()),
          };
          const alive: Script = (sent) => (dead ? new Promise<Answer>(() => {}) : script(sent));
          rig.start(alive, { limits: { batchItems, inFlight }, cursors, clock });
          await rig.clock.advance(millis);
          dead = true;
        }
        rig.start(script, { limits: { batchItems, inFlight } });
        await rig.clock.until(() => rig.cursors.get('destination:main') === test.rows.length);
        expect(violations).toEqual([]);
        for (const [index, row] of test.rows.entries()) expect(isSettled(rig, taken, row, index + 1)).toBe(true);
        const times = Math.max(...taken.values(), 1);
        expect(times).toBeLessThanOrEqual(kills.length + 1);
      }),
      { numRuns: 60 },
    );
  });
});
