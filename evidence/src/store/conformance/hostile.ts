import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FilterOperator, RequestField } from '../fields.ts';
import { STORE_QUERY_ERRORS, StoreQueryError } from '../store.ts';
import { ALWAYS, clearScope, everything, requestsOf, searchAll, unordered } from './answers.ts';
import { FIELDS } from './arbitraryQuery.ts';
import { NASTY_TEXTS } from './arbitraryRequest.ts';
import type { Conformance } from './rig.ts';
import { sampleRig } from './sample.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...NASTY_TEXTS),
  fc.constantFrom(
    "'); DELETE FROM requests; --",
    '\u0000',
    "a\u0000'b",
    "prod') OR ('1'='1",
    '$environment',
    '::json',
    "' UNION SELECT * FROM read_csv('/etc/passwd') --",
    "'; ATTACH 'x.db'; --",
    'x'.repeat(20_000),
    '\ud800',
  ),
);

/** An answer, or a refusal by name; anything else is thrown on. */
async function answered<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof StoreQueryError && STORE_QUERY_ERRORS.includes(error.code)) return undefined;
    throw error;
  }
}

/** Text from outside is data, wherever it stands. */
export function describeHostile(conformance: Conformance): void {
  describe('hostile texts', () => {
    const rig = sampleRig(conformance);
    const options = { numRuns: Math.ceil(conformance.runs / 2) };

    it('in values of conditions find what they find, and nothing else', async () => {
      const op = fc.constantFrom('eq' as const, 'neq' as const, 'contains' as const, 'gt' as const, 'lte' as const);
      const field = fc.constantFrom('requestId' as const, 'attempt.model' as const, 'client.address' as const);
      await fc.assert(
        fc.asyncProperty(field, op, hostile, async (on, how, value) => {
          const query = { ...everything('prod'), filters: [{ field: on, op: how, value }] };
          expect(unordered(await searchAll(rig().store, query))).toEqual(
            unordered(await searchAll(rig().oracle, query)),
          );
        }),
        options,
      );
    });

    it('in lists, free text, value lists, ids and environments', async () => {
      await fc.assert(
        fc.asyncProperty(hostile, hostile, async (one, two) => {
          const query = {
            ...everything('prod', one),
            filters: [{ field: 'requestedModel' as const, op: 'nin' as const, value: [one, two] }],
          };
          const { store, oracle } = rig();
          expect(unordered(await searchAll(store, query))).toEqual(unordered(await searchAll(oracle, query)));
          const text = { ...everything('prod'), text: one };
          expect(unordered(await searchAll(store, text))).toEqual(unordered(await searchAll(oracle, text)));
          const list = { ...ALWAYS, scope: clearScope('prod', two), field: 'modelId' as const, search: one, limit: 99 };
          const values = async (of: typeof store) =>
            (await of.values(list)).values.map(({ value }) => value).toSorted();
          expect(await values(store)).toEqual(await values(oracle));
          const get = { scope: clearScope('prod', one), environment: one, requestId: two };
          expect(requestsOf(await store.get(get))).toEqual(requestsOf(await oracle.get(get)));
        }),
        options,
      );
    });

    it('as expressions, fields, operators and cursors are answered or refused by name', async () => {
      await fc.assert(
        fc.asyncProperty(hostile, fc.constantFrom(...FIELDS), async (text, field) => {
          const { store } = rig();
          const search = (given: object) => answered(store.search({ ...everything('prod'), limit: 5, ...given }));
          await search({ filters: [{ field: 'errorMessage', op: 'regex', value: text }] });
          await search({ filters: [{ field, op: 'eq', value: text }] });
          expect(await search({ filters: [{ field: text as RequestField, op: 'eq', value: text }] })).toBeUndefined();
          expect(await search({ filters: [{ field, op: text as FilterOperator, value: text }] })).toBeUndefined();
          await search({ after: { timeMicros: 1, key: text } });
          await search({ order: text });
          await answered(store.read({ ...ALWAYS, limit: 5, after: text }));
        }),
        options,
      );
    });

    it('have changed nothing', async () => {
      const { store, oracle } = rig();
      const query = everything('prod', 'staging');
      expect(unordered(await searchAll(store, query))).toEqual(unordered(await searchAll(oracle, query)));
      expect((await store.stats()).requests).toBe((await oracle.stats()).requests);
    });
  });
}
