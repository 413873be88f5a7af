import { describe, expect, it } from 'vitest';
import { createRandom } from '../../gateway/random.ts';
import { probabilities } from './b3b5.ts';
import { gamma } from './draws.ts';
import { fisherWorse } from './fisher.ts';

describe('Fisher', () => {
  it('agrees with a tea-tasting table: 3 of 4 against 1 of 4', () => {
    // (16 + 1) / 70, by hand.
    expect(fisherWorse(1, 4, 3, 4)).toBeCloseTo(17 / 70, 10);
  });

  it('is 1 when nothing failed', () => {
    expect(fisherWorse(0, 50, 0, 40)).toBe(1);
  });
});

describe('the first design', () => {
  const groups = (badAfter: number) => ({
    treatedBefore: { bad: 3, total: 412 },
    treatedAfter: { bad: badAfter, total: 398 },
    controlBefore: { bad: 11, total: 1_000 },
    controlAfter: { bad: 10, total: 1_000 },
    phi: 1,
  });

  it('is sure of 57 failures where three were usual, and not of four', () => {
    expect(probabilities(groups(57), 1, true).worse).toBeGreaterThan(0.995);
    expect(probabilities(groups(4), 1, true).worse).toBeLessThan(0.1);
    expect(probabilities(groups(4), 1, true).same).toBeGreaterThan(0.9);
  });
});

it('gamma draws have the mean of their shape', () => {
  const random = createRandom(3);
  for (const shape of [0.5, 2, 30]) {
    let sum = 0;
    for (let index = 0; index < 4_000; index++) sum += gamma(random, shape);
    expect(Math.abs(sum / 4_000 / shape - 1)).toBeLessThan(0.08);
  }
});
