import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATORS_OF_TYPE, REQUEST_FIELDS } from '../fields.ts';
import type { SearchQuery } from '../query.ts';
import { everything, searchAll, unordered } from './answers.ts';
import { FIELDS, filterOn, selectionAmong } from './arbitraryQuery.ts';
import { NASTY_TEXTS } from './arbitraryRequest.ts';
import type { Conformance, Rig } from './rig.ts';
import { SAMPLE, sampleRig } from './sample.ts';

async function expectSameSearch(rig: Rig, query: SearchQuery): Promise<void> {
  const expected = await searchAll(rig.oracle, { ...query, limit: 10_000 });
  expect(unordered(await searchAll(rig.store, query))).toEqual(unordered(expected));
}

/** Every condition finds what the oracle finds. */
export function describeFilters(conformance: Conformance): void {
  describe('filters and free text', () => {
    const rig = sampleRig(conformance);

    it.each(FIELDS)('every operator on %s', async (field) => {
      const operators = OPERATORS_OF_TYPE[REQUEST_FIELDS[field].type];
      for (const op of operators) {
        await fc.assert(
          fc.asyncProperty(filterOn(field, op, SAMPLE), async (filter) => {
            await expectSameSearch(rig(), { ...everything('prod', 'staging'), filters: [filter] });
          }),
          { numRuns: Math.ceil(conformance.runs / 15) },
        );
      }
    });

    it('any selection', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          fc.constantFrom('newest' as const, 'oldest' as const),
          fc.constantFrom(3, 50, 1_000),
          async (selection, order, limit) => expectSameSearch(rig(), { ...selection, order, limit }),
        ),
        { numRuns: conformance.runs },
      );
    });

    it.each(NASTY_TEXTS)('free text %j', async (text) => {
      await expectSameSearch(rig(), { ...everything('prod', 'staging'), text });
      await expectSameSearch(rig(), { ...everything('prod'), text: text.toUpperCase() });
    });
  });
}
