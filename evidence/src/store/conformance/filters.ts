import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FilterOperator, OPERATORS_OF_TYPE, REQUEST_FIELDS, type RequestField } from '../fields.ts';
import { identityOf } from '../memory/place.ts';
import type { SearchQuery } from '../query.ts';
import type { EvidenceStore } from '../store.ts';
import { everything, requestsOf, searchAll, unordered } from './answers.ts';
import { FIELDS, filterOn, selectionAmong } from './arbitraryQuery.ts';
import { NASTY_TEXTS } from './arbitraryRequest.ts';
import type { Conformance, Rig } from './rig.ts';
import { SAMPLE, sampleRig } from './sample.ts';

async function expectSameSearch(rig: Rig, query: SearchQuery): Promise<void> {
  const expected = await searchAll(rig.oracle, { ...query, limit: 10_000 });
  expect(unordered(await searchAll(rig.store, query))).toEqual(unordered(expected));
}

/** Which ones were found is enough where only the condition is in question, and much cheaper to compare. */
async function expectSameFound(rig: Rig, query: SearchQuery): Promise<void> {
  const found = async (store: EvidenceStore) =>
    requestsOf(await store.search(query))
      .map(identityOf)
      .toSorted();
  expect(await found(rig.store)).toEqual(await found(rig.oracle));
}

/** From so many runs on every operator is tried on every field; below it half of them, others each time. */
const ALL_OPERATORS_RUNS = 40;

function operatorsTried(field: RequestField, runs: number): readonly FilterOperator[] {
  const operators = OPERATORS_OF_TYPE[REQUEST_FIELDS[field].type];
  if (runs >= ALL_OPERATORS_RUNS) return operators;
  const count = Math.ceil(operators.length / 2);
  return fc.sample(fc.shuffledSubarray([...operators], { minLength: count, maxLength: count }), 1)[0] ?? operators;
}

/** Every condition finds what the oracle finds. */
export function describeFilters(conformance: Conformance): void {
  describe('filters and free text', () => {
    const rig = sampleRig(conformance);

    it.each(FIELDS)('operators on %s', async (field) => {
      for (const op of operatorsTried(field, conformance.runs)) {
        await fc.assert(
          fc.asyncProperty(filterOn(field, op, SAMPLE), async (filter) => {
            await expectSameFound(rig(), { ...everything('prod', 'staging'), filters: [filter] });
          }),
          { numRuns: Math.ceil(conformance.runs / 20) },
        );
      }
    });

    it('any selection', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          fc.constantFrom('newest' as const, 'oldest' as const),
          fc.constantFrom(25, 1_000),
          async (selection, order, limit) => expectSameSearch(rig(), { ...selection, order, limit }),
        ),
        { numRuns: conformance.runs },
      );
    });

    it.each(NASTY_TEXTS)('free text %j', async (text) => {
      await expectSameFound(rig(), { ...everything('prod', 'staging'), text });
      await expectSameFound(rig(), { ...everything('prod'), text: text.toUpperCase() });
    });
  });
}
