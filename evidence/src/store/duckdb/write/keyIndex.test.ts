import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyIndex } from './keyIndex.ts';

const keys = fc.uniqueArray(fc.nat({ max: 5_000 }), { maxLength: 300 });

test('it never denies a key that was added or loaded, in whichever order, and denies the others', () => {
  fc.assert(
    fc.property(keys, keys, keys, fc.boolean(), (loaded, before, after, loadsFirst) => {
      const index = createKeyIndex();
      index.add(1, before);
      const load = () => index.loaded(1, Uint32Array.from(loaded).sort());
      if (loadsFirst) load();
      index.add(1, after);
      if (!loadsFirst) load();
      const all = new Set([...loaded, ...before, ...after]);
      for (let key = 0; key <= 5_001; key += 1) expect(index.mayHold(1, key)).toBe(all.has(key));
    }),
    { numRuns: 20 },
  );
});

test('what it has not read it does not deny', () => {
  const index = createKeyIndex();
  expect(index.mayHold(1, 7)).toBe(true);
  index.add(1, [8]);
  expect(index.mayHold(1, 7)).toBe(true);
});

test('many keys are merged, and beyond the limit the oldest days are no longer covered', () => {
  const index = createKeyIndex(100_000);
  for (const day of [1, 2]) index.loaded(day, new Uint32Array());
  index.add(
    1,
    Array.from({ length: 70_000 }, (_, key) => key * 2),
  );
  expect([index.covers(1), index.mayHold(1, 139_998), index.mayHold(1, 139_999)]).toEqual([true, true, false]);
  index.add(
    2,
    Array.from({ length: 70_000 }, (_, key) => key * 2),
  );
  expect([index.covers(1), index.mayHold(1, 139_999)]).toEqual([false, true]);
  expect([index.covers(2), index.mayHold(2, 139_999)]).toEqual([true, false]);
  index.drop(1);
  expect(index.covers(1)).toBe(true);
});
