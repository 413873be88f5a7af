import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownThings, Occurring } from './knownThings.ts';

/** Whole numbers of 52 bits, as hashes are; neighbours among them, and what stands for nothing. */
const number = fc.oneof(
  fc.maxSafeInteger().map((value) => Math.abs(value) % 2 ** 52),
  fc.nat({ max: 40 }),
  fc.constant(-1),
);

describe('things by number', () => {
  it('have one place each, whenever they come and however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.array(number, { maxLength: 2_000 }), { maxLength: 4, size: 'max' }), (chunks) => {
        const known = new KnownThings<string>();
        const places = new Map<number, number>();
        for (const chunk of chunks) {
          for (const [row, place] of known.placesOf(Float64Array.from(chunk)).entries()) {
            const own = chunk[row] ?? 0;
            expect(places.get(own) ?? places.size).toBe(place);
            places.set(own, place);
          }
        }
        expect(known.size).toBe(places.size);
        for (const own of places.keys()) known.put(own, `thing ${own}`);
        for (const [own, place] of places) expect(known.at(place)).toBe(`thing ${own}`);
      }),
      { numRuns: 40 },
    );
  });

  it('are numbered in a window by when they first occur', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 20_000 })), { maxLength: 5 }), (chunks) => {
        const occurring = new Occurring();
        const numbers = chunks.flatMap((chunk) => [...occurring.numbersOf(Int32Array.from(chunk))]);
        const different = [...new Set(chunks.flat())];
        expect(occurring.places).toEqual(different);
        expect(numbers).toEqual(chunks.flat().map((place) => different.indexOf(place)));
      }),
      { numRuns: 40 },
    );
  });
});
