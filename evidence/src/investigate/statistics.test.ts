import fc from 'fast-check';
import jstat from 'jstat';
import { describe, expect, it } from 'vitest';
import { poissonAtMost } from './likelihood.ts';
import {
  dispersionOf,
  driftOf,
  expectedShare,
  logit,
  logOddsOf,
  probabilityBelow,
  probabilityBetter,
  probabilitySame,
  probabilityWorse,
} from './statistics.ts';

const MARGINS = { odds: 1.5, points: 0.02 };
const NO_DRIFT = { mean: 0, deviation: 0 };

/** Seeded draws of the log-odds, as the textbook would do it: the integral has to agree with them. */
function drawn(bad: number, total: number, uniform: () => number): number {
  const target = uniform();
  let [low, high] = [0, 1];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (jstat.beta.cdf(middle, bad + 0.5, total - bad + 0.5) < target) low = middle;
    else high = middle;
  }
  return logit((low + high) / 2);
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

describe('where a share lies', () => {
  it('is the library’s Beta, from none of twenty to a thousand of forty thousand', () => {
    for (const [bad, total] of [
      [0, 20],
      [0, 400],
      [3, 412],
      [57, 398],
      [20, 20],
      [1_000, 40_000],
      [0.7, 33.3],
    ] as const) {
      const share = logOddsOf(bad, total);
      for (let p = 0.0005; p < 1; p += 0.0131) {
        const wanted = jstat.beta.cdf(p, bad + 0.5, total - bad + 0.5);
        expect(Math.abs(probabilityBelow(share, logit(p)) - wanted)).toBeLessThan(1e-4);
      }
    }
  });

  it('has probabilities from 0 to 1 for any counts', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(5_000), fc.nat(5_000), fc.nat(5_000), (a, b, c, d) => {
        const shift = {
          before: logOddsOf(Math.min(a, b), Math.max(a, b)),
          after: logOddsOf(Math.min(c, d), Math.max(c, d)),
          drift: driftOf({ bad: 1, total: 100 }, { bad: 2, total: 100 }),
        };
        const all = [
          probabilityWorse(shift, MARGINS),
          probabilityBetter(shift, MARGINS),
          probabilitySame(shift, 0.02),
          expectedShare(shift),
        ];
        for (const one of all) expect(one >= -1e-9 && one <= 1 + 1e-9).toBe(true);
        // It cannot be surely worse and surely better.
        expect((all[0] ?? 0) + (all[1] ?? 0)).toBeLessThan(1.0001);
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});

describe('a comparison', () => {
  it.each([
    [3, 412, 57, 398],
    [0, 60, 4, 30],
    [10, 200, 22, 210],
  ])('of %i of %i with %i of %i agrees with 1,000 draws', (x, n, y, m) => {
    const uniform = seeded(x + n + y + m);
    let hits = 0;
    for (let draw = 0; draw < 1_000; draw++) {
      const [before, after] = [drawn(x, n, uniform), drawn(y, m, uniform)];
      const share = (value: number) => 1 / (1 + Math.exp(-value));
      if (after - before > Math.log(1.5) && share(after) - share(before) > 0.02) hits++;
    }
    const shift = { before: logOddsOf(x, n), after: logOddsOf(y, m), drift: NO_DRIFT };
    expect(Math.abs(probabilityWorse(shift, MARGINS) - hits / 1_000)).toBeLessThan(0.05);
  });

  it('is excused by a rest that rose as well, and not accused by one that fell', () => {
    const groups = { before: logOddsOf(10, 1_000), after: logOddsOf(60, 1_000) };
    const alone = probabilityWorse({ ...groups, drift: NO_DRIFT }, MARGINS);
    const risen = driftOf({ bad: 10, total: 1_000 }, { bad: 60, total: 1_000 });
    const fallen = driftOf({ bad: 60, total: 1_000 }, { bad: 10, total: 1_000 });
    expect(alone).toBeGreaterThan(0.99);
    expect(probabilityWorse({ ...groups, drift: risen }, MARGINS)).toBeLessThan(0.5);
    expect(probabilityWorse({ ...groups, drift: fallen }, MARGINS)).toBeLessThanOrEqual(alone + 1e-9);
  });
});

describe('the drift of the rest', () => {
  it('of two error-free windows is nearly unknown, not nearly infinite', () => {
    const { mean, deviation } = driftOf({ bad: 0, total: 500 }, { bad: 0, total: 500 });
    expect(mean).toBeCloseTo(0);
    expect(deviation).toBeLessThan(0.7);
    // Unshrunk it would drown any evidence: variance 2 + 2 of the two halves.
    expect(driftOf({ bad: 0, total: 500 }, { bad: 0, total: 500 }, false).deviation).toBeCloseTo(2, 1);
  });

  it('follows counts that say something: 100 of 1,000 to 200 of 1,000 is ln(0.25/0.111) = 0.81, shrunk by 4 %', () => {
    expect(driftOf({ bad: 100, total: 1_000 }, { bad: 200, total: 1_000 }).mean).toBeCloseTo(0.78, 2);
  });

  it('without a rest is one deviation of what such rests do', () => {
    expect(driftOf({ bad: 0, total: 0 }, { bad: 0, total: 0 })).toEqual({ mean: 0, deviation: 0.7 });
  });
});

it('the worked numbers of docs/how-verdicts-are-made.md are those of the code', () => {
  const counts = (bad = 0, total = 0) => ({ bad, total });
  const shiftOf = (
    before: readonly [number, number],
    after: readonly [number, number],
    drift = driftOf(counts(), counts()),
  ) => ({
    before: logOddsOf(...before),
    after: logOddsOf(...after),
    drift,
  });
  const others = driftOf(counts(5, 450), counts(5, 480));
  expect([others.mean, others.deviation].map((one) => one.toFixed(2))).toEqual(['-0.04', '0.46']);
  const beside = shiftOf([3, 412], [57, 398], others);
  expect(expectedShare(beside)).toBeCloseTo(0.009, 3);
  expect(probabilityWorse(beside, MARGINS)).toBeCloseTo(0.99998, 5);
  expect(probabilityWorse(shiftOf([3, 412], [57, 398]), MARGINS)).toBeCloseTo(0.9991, 4);
  expect(probabilityWorse(shiftOf([4, 400], [14, 400]), MARGINS)).toBeCloseTo(0.55, 2);
  expect(probabilitySame(shiftOf([4, 400], [5, 420], others), 0.02)).toBeCloseTo(0.95, 2);
  expect(probabilitySame(shiftOf([4, 400], [5, 420]), 0.02)).toBeCloseTo(0.9, 2);
  const change17 = shiftOf([0, 860], [188, 247], { mean: 0.12, deviation: 0.66 });
  expect(expectedShare(change17)).toBeCloseTo(0.0008, 4);
  expect(1 - probabilityWorse(change17, MARGINS)).toBeLessThan(1e-8);
});

describe('clustering', () => {
  it('is χ² per degree of freedom: 10 in one of ten steps of 100', () => {
    const bad = [10, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // Expected 1 each, variance 0.99: (81 + 9) / 0.99 / 9.
    expect(dispersionOf(bad, Array(10).fill(100))).toBeCloseTo(10, 0);
    expect(dispersionOf(Array(10).fill(1), Array(10).fill(100))).toBe(1);
  });

  it('is assumed where it cannot be seen', () => {
    expect(dispersionOf([1, 0], [10, 10])).toBe(1.5);
  });
});

it('Poisson is the library’s', () => {
  // Beyond this the library runs out of factorials.
  for (const mean of [0.1, 2.5, 20]) {
    for (let count = 0; count < 100; count += 7) {
      expect(poissonAtMost(count, mean)).toBeCloseTo(jstat.poisson.cdf(count, mean), 8);
    }
  }
});
