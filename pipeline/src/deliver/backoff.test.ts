import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMillis } from './backoff.ts';
import { DEFAULT_RETRY } from './limits.ts';

describe('the wait after failures in a row', () => {
  it.each([
    [1, 0, 800],
    [1, 0.5, 1_000],
    [1, 1, 1_200],
    [2, 0.5, 2_000],
    [5, 0.5, 16_000],
    [6, 0.5, 30_000],
    [1_000, 0, 24_000],
  ])('%i failures, random %d: %i ms', (failures, random, millis) => {
    expect(backoffMillis(failures, DEFAULT_RETRY, () => random)).toBeCloseTo(millis, 6);
  });

  it('is spread, so that many senders do not come back in one moment, and never beyond the cap and its spread', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const wait = backoffMillis(failures, DEFAULT_RETRY, () => random);
          expect(wait).toBeGreaterThanOrEqual(DEFAULT_RETRY.initialMillis * (1 - DEFAULT_RETRY.jitter));
          expect(wait).toBeLessThanOrEqual(DEFAULT_RETRY.maxMillis * (1 + DEFAULT_RETRY.jitter) + 1e-6);
        },
      ),
    );
  });
});
