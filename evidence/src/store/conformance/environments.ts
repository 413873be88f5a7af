import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUEST_FIELDS, type RequestField } from '../fields.ts';
import { ALWAYS, changedAll, clearScope, everything, requestsOf, searchAll } from './answers.ts';
import { FIELDS, selectionAmong } from './arbitraryQuery.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';
import { SAMPLE } from './sample.ts';

const LISTED = FIELDS.filter((field) => REQUEST_FIELDS[field].type !== 'time');
const GROUPABLE: readonly RequestField[] = FIELDS.filter((field) => 'groupable' in REQUEST_FIELDS[field]);

/** Nothing of an environment that the caller may not see, in any answer. */
export function describeEnvironments(conformance: Conformance): void {
  describe('environments', () => {
    let mixed: Rig;
    let alone: Rig;
    beforeAll(async () => {
      [mixed, alone] = [await Rig.open(conformance), await Rig.open(conformance)];
      const prod = SAMPLE.filter(({ environment }) => environment === 'prod');
      await alone.apply(prod, 50);
      // The others have the same ids, in between, and names for the same keys.
      const all = prod.flatMap((request) => [
        request,
        { ...request, environment: 'secret', dataPlane: 'secret-plane' },
      ]);
      await mixed.apply(all, 50);
      await mixed.apply([
        exampleRequest({ environment: 'secret', requestId: 'secret-id', requestedModel: 'secret-model' }),
      ]);
      for (const rig of [mixed, alone]) {
        await rig.store.setNames([{ environment: 'secret', kind: 'api_key', id: 'key-1', name: 'secret-name' }]);
      }
    });
    afterAll(async () => {
      await mixed?.close();
      await alone?.close();
    });

    it('answers are as if the others were not there', async () => {
      await fc.assert(
        fc.asyncProperty(selectionAmong(SAMPLE), fc.constantFrom(...GROUPABLE), async (given, field) => {
          const selection = { ...given, scope: clearScope('prod') };
          const ask = async ({ store }: Rig) => {
            const grouped = { ...selection, groupBy: [field], topN: 3, intervalMs: 3_600_000 };
            return [
              await searchAll(store, { ...selection, limit: 150, order: 'newest' }),
              (await store.volume(grouped)).series,
              (await store.metrics({ ...grouped, measures: ['count', 'p50', 'tokens_in'], exact: true })).series,
              (await changedAll(store, { ...selection, afterVersion: 0, limit: 200 })).requests,
            ];
          };
          expect(await ask(mixed)).toEqual(await ask(alone));
        }),
        { numRuns: Math.ceil(conformance.runs / 3) },
      );
    });

    it.each(LISTED)('no value of %s comes from another', async (field) => {
      const query = { ...ALWAYS, scope: clearScope('prod'), field, limit: 1_000 };
      const values = await mixed.store.values(query);
      expect(values).toEqual(await alone.store.values(query));
      expect(JSON.stringify(values)).not.toContain('secret');
    });

    it('an id of another is not found, whichever way it is asked for', async () => {
      const { store } = mixed;
      const scope = clearScope('prod');
      for (const environment of ['secret', 'prod', '']) {
        expect(requestsOf(await store.get({ scope, environment, requestId: 'secret-id' }))).toEqual([]);
      }
      const search = { ...everything('prod'), text: 'secret' };
      expect(requestsOf(await store.search(search))).toEqual([]);
      for (const value of ['secret', 'secret-plane', 'secret-name']) {
        for (const field of ['environment', 'dataPlane', 'apiKeyName'] as const) {
          const filters = [{ field, op: 'eq', value }] as const;
          expect(requestsOf(await store.search({ ...everything('prod'), filters }))).toEqual([]);
        }
      }
    });

    it('a caller of none sees nothing', async () => {
      const { store } = mixed;
      expect(requestsOf(await store.search(everything()))).toEqual([]);
      expect(requestsOf(await store.get({ scope: clearScope(), environment: 'prod', requestId: 'request-1' }))).toEqual(
        [],
      );
      expect((await store.values({ ...ALWAYS, scope: clearScope(), field: 'outcome', limit: 9 })).values).toEqual([]);
      const volume = await store.volume({ ...everything(), from: 0, to: 2, intervalMs: 1, groupBy: [], topN: 1 });
      expect(volume.series).toEqual([{ labels: {}, values: [0, 0] }]);
      const changed = await changedAll(store, { scope: clearScope(), filters: [], afterVersion: 0, limit: 100 });
      expect(changed.requests).toEqual([]);
    });

    it('an environment is named exactly', async () => {
      for (const environment of ['PROD', 'pro', 'prod ', 'prod%', '%', "prod' OR '1'='1", '']) {
        expect(requestsOf(await mixed.store.search(everything(environment)))).toEqual([]);
      }
    });
  });
}
