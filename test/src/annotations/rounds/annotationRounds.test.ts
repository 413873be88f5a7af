import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { runAnnotationRounds } from './runRounds.ts';

// `pnpm annotation-rounds` does 10,000 changes and 40 kills; `FAULTS_SEED` repeats a run of either.
it('a bridge that is killed again and again draws each marker once in a Grafana that fails in every way', async () => {
  const seed = Number(process.env.FAULTS_SEED ?? randomInt(1_000_000));
  const summary = await runAnnotationRounds({ changes: 300, kills: 5, seed, faults: 0.15 });
  const told = `seed ${seed}`;
  expect(summary.wrong, told).toEqual([]);
  expect(summary.complaints, told).toEqual([]);
  expect(summary.markers, told).toBeGreaterThan(50);
  // Otherwise nothing went wrong, and the test showed nothing.
  expect(Object.keys(summary.faults).length, told).toBeGreaterThan(10);
}, 240_000);
