import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexPlaces, placesOf } from './placeIndex.ts';

/** Whole numbers of 52 bits, as hashes are; neighbours among them, and what stands for nothing. */
const number = fc.oneof(
  fc.maxSafeInteger().map((value) => Math.abs(value) % 2 ** 52),
  fc.nat({ max: 40 }),
  fc.constant(-1),
);

describe('places of doubles', () => {
  it('are those in the list, and none for what is not in it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(number, { maxLength: 300 }), fc.array(number, { maxLength: 300 }), (known, others) => {
        const asked = [...known, ...others];
        const found = [...placesOf(indexPlaces(known), Float64Array.from(asked))];
        expect(found).toEqual(asked.map((value) => known.indexOf(value)));
      }),
      { numRuns: 200 },
    );
  });
});
