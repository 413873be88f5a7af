import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { KILL_MOMENTS, runKillRounds } from './killRounds.ts';

// `pnpm kill-rounds` does twenty of them; `FAULTS_SEED` repeats a run of either.
it('kill -9 under load loses nothing that was acknowledged, and what comes again is the same', async () => {
  const seed = Number(process.env.FAULTS_SEED ?? randomInt(1_000_000));
  const summary = await runKillRounds({ rounds: KILL_MOMENTS.length, seed, rate: 120 });
  const told = `seed ${seed}`;
  expect(summary.missing, told).toEqual([]);
  expect(summary.contradictions, told).toEqual([]);
  expect(summary.noise, told).toEqual([]);
  expect(summary.acknowledgedRequests, told).toBeGreaterThan(100);
  // Otherwise nothing was interrupted, and the test showed nothing.
  expect(summary.repeatedSpans, told).toBeGreaterThan(0);
}, 90_000);
