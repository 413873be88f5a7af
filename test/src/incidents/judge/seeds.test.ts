import { expect, it } from 'vitest';
import { WINDOWS_PER_CELL } from '../parameters.ts';
import { isSeedSet, SEED_SETS, seedsOf } from './seeds.ts';

it('fresh seeds are none of those that were looked at', () => {
  const looked = new Set([...seedsOf('even', 0, WINDOWS_PER_CELL), ...seedsOf('odd', 0, WINDOWS_PER_CELL)]);
  const fresh = seedsOf('fresh', 0, WINDOWS_PER_CELL);
  expect(new Set(fresh).size).toBe(WINDOWS_PER_CELL);
  expect(fresh.filter((seed) => looked.has(seed))).toEqual([]);
  expect(looked.size).toBe(2 * WINDOWS_PER_CELL);
});

it('a part of a set goes on where another one ends', () => {
  for (const set of SEED_SETS) {
    expect(seedsOf(set, 0, 10)).toEqual([...seedsOf(set, 0, 4), ...seedsOf(set, 4, 6)]);
    expect(isSeedSet(set)).toBe(true);
  }
  expect(seedsOf('even', 3, 2)).toEqual([6, 8]);
  expect(isSeedSet('prime')).toBe(false);
});
