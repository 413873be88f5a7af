import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scanRoom, scanShare } from './scan.ts';

const LIMITS = { usualBins: 20, leastBad: 3, leastPoints: 0.02, leastNats: 4, leastShare: 0 };

/** Few failures, and many for a while. */
const series = fc
  .tuple(fc.array(fc.nat({ max: 4 }), { minLength: 60, maxLength: 60 }), fc.nat({ max: 59 }), fc.nat({ max: 30 }))
  .map(([quiet, from, length]) => quiet.map((bad, bin) => (bin >= from && bin < from + length ? 6 + bad : bad >> 2)));

it('scanning finds the same in a room that other series have used', () => {
  const total = new Uint32Array(60).fill(10);
  let rises = 0;
  fc.assert(
    fc.property(fc.array(series, { minLength: 2, maxLength: 5 }), (all) => {
      const room = scanRoom(60);
      for (const bad of all) {
        const found = scanShare(bad, total, LIMITS, room);
        rises += found.length;
        expect(found).toEqual(scanShare(bad, total, LIMITS));
      }
    }),
    { numRuns: 60 },
  );
  expect(rises).toBeGreaterThan(20);
});
