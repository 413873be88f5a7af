import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUEST_FIELDS } from '../fields.ts';
import type { ValuesAnswer, ValuesQuery } from '../query.ts';
import { ALWAYS, clearScope } from './answers.ts';
import { environments, FIELDS, freeText, range } from './arbitraryQuery.ts';
import { DAY_MILLIS } from './arbitraryRequest.ts';
import type { Conformance } from './rig.ts';
import { sampleRig } from './sample.ts';

const LISTED = FIELDS.filter((field) => REQUEST_FIELDS[field].type !== 'time');
const texts = ({ values }: ValuesAnswer) => values.map(({ value }) => value);

/** What a builder offers. */
export function describeValues(conformance: Conformance): void {
  describe('value lists', () => {
    const rig = sampleRig(conformance);

    /** The range itself is the least, its days are the most that may be offered. */
    const bounds = async (query: ValuesQuery) => {
      const day = (time: number) => Math.floor(time / DAY_MILLIS);
      const days = { from: day(query.from) * DAY_MILLIS, to: day(query.to + DAY_MILLIS - 1) * DAY_MILLIS };
      const whole = { ...query, limit: 10_000 };
      return { least: await rig().oracle.values(whole), most: await rig().oracle.values({ ...whole, ...days }) };
    };

    it.each(LISTED)('of %s', async (field) => {
      await fc.assert(
        fc.asyncProperty(range, environments, fc.option(freeText, { nil: undefined }), async (given, ids, search) => {
          const query: ValuesQuery = {
            ...given,
            field,
            scope: clearScope(...ids),
            limit: 10_000,
            ...(search !== undefined && { search }),
          };
          const { least, most } = await bounds(query);
          const found = await rig().store.values(query);
          expect(texts(found).filter((value) => !texts(most).includes(value))).toEqual([]);
          expect(texts(least).filter((value) => !texts(found).includes(value))).toEqual([]);
          expect(new Set(texts(found)).size).toBe(texts(found).length);
          expect(found.more).toBe(false);
        }),
        { numRuns: Math.ceil(conformance.runs / 15) },
      );
    });

    it('names what the catalogue knows, and is found by that name', async () => {
      const query: ValuesQuery = { ...ALWAYS, field: 'apiKeyId', scope: clearScope('prod'), limit: 10 };
      for (const store of rig().both) {
        const named = Object.fromEntries((await store.values(query)).values.map(({ value, name }) => [value, name]));
        expect(named).toEqual({ 'key-1': 'team-web', 'key-2': 'team-batch %', 'key-3': undefined });
        expect(texts(await store.values({ ...query, search: 'BATCH %' }))).toEqual(['key-2']);
        expect(texts(await store.values({ ...query, search: 'not yours' }))).toEqual([]);
        const models = await store.values({ ...query, field: 'modelId', search: 'the LARGE one' });
        expect(models.values.map(({ value, name }) => ({ value, name }))).toEqual([
          { value: 'gpt-4o', name: 'the large one' },
        ]);
      }
    });

    it('says when there are more', async () => {
      const query: ValuesQuery = { ...ALWAYS, field: 'apiKeyId', scope: clearScope('prod'), limit: 2 };
      const answer = await rig().store.values(query);
      expect([answer.values.length, answer.more]).toEqual([2, true]);
      expect((await rig().store.values({ ...query, limit: 3 })).more).toBe(false);
    });
  });
}
