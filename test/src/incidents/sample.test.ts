import { beforeAll, describe, expect, it } from 'vitest';
import type { Counts } from './judge/counts.ts';
import { runJob } from './judge/job.ts';
import type { Situation } from './parameters.ts';
import { FIGURES, type Figure, shareOfFigure } from './report/figures.ts';
import { cellName, collect, OUTAGES, pooled, type Results, UNDISTURBED } from './report/tables.ts';

/**
 * A few of the windows that `pnpm incidents` judges by the thousand. Seeds that tune, and bounds far below the gates:
 * this only sees that something broke.
 */
const SITUATIONS: readonly Situation[] = ['quiet', 'disturbed', 'outage', 'fault', 'burst', 'hidden', 'vanished'];
const SEEDS = [0, 2];
const PRODUCT = 'product';

describe('a sample of the simulated incidents', () => {
  let results: Results;
  let all: Counts;
  beforeAll(() => {
    results = collect(
      SITUATIONS.map((situation) => runJob({ cell: { rate: 3, situation }, seeds: SEEDS, algorithms: [PRODUCT] })),
    );
    all = pooled(results, PRODUCT);
  });
  const share = (counts: Counts, figure: Figure) => shareOfFigure(counts, figure);

  it('has something to judge', () => {
    expect(results.get(cellName({ rate: 3, situation: 'fault' }))?.[PRODUCT]?.windows).toBe(SEEDS.length);
    expect(all.fault).toBeGreaterThan(4);
  });

  it('true changes are ranked first and found', () => {
    expect(share(all, FIGURES.first)).toBeGreaterThanOrEqual(0.6);
    expect(share(all, FIGURES.firstThree)).toBeGreaterThanOrEqual(0.75);
    expect(share(all, FIGURES.recall)).toBeGreaterThanOrEqual(0.6);
  });

  it('innocent ones are left alone', () => {
    expect(share(pooled(results, PRODUCT, UNDISTURBED), FIGURES.falseSuspects)).toBeLessThanOrEqual(0.03);
    expect(share(pooled(results, PRODUCT, OUTAGES), FIGURES.falseSuspects)).toBeLessThanOrEqual(0.06);
    expect(share(all, FIGURES.wrongCleared)).toBeLessThanOrEqual(0.1);
  });
});
