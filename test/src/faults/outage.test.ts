import { expect, it } from 'vitest';
import { runOutage } from './outage.ts';

// `pnpm outage` does it with the two minutes of real outages.
it('a backend that was away gets everything, and senders notice nothing', async () => {
  const summary = await runOutage({ seed: 3, rate: 150, downMillis: 6_000 });
  expect(summary.missing).toEqual([]);
  expect(summary.contradictions).toEqual([]);
  expect([...summary.refusals]).toEqual([]);
  expect(summary.backlogRows).toBeGreaterThan(500);
}, 60_000);
