import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../store.ts';
import { ALWAYS, changedAll, clearScope, everything, readAll, searchAll, unordered } from './answers.ts';
import { FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, numbered, Rig } from './rig.ts';
import { expectSameSeries } from './sameSeries.ts';
import { SAMPLE, SAMPLE_NAMES } from './sample.ts';

/** Opening again changes nothing. */
export function describeDurability(conformance: Conformance): void {
  describe('opened again', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
      await rig.apply(SAMPLE, 60);
      for (const store of rig.both) await store.setNames(SAMPLE_NAMES);
      await rig.reopen();
    });
    afterAll(() => rig?.close());

    it('has kept its position', () => {
      expect(rig.store.position()).toBe(SAMPLE.length);
    });

    it('has kept every request, its order, its names and its numbers', async () => {
      const { store, oracle } = rig;
      const query = everything('prod', 'staging');
      expect(unordered(await searchAll(store, query))).toEqual(unordered(await searchAll(oracle, query)));
      const range = { ...ALWAYS, limit: 100 };
      expect(await readAll(store, range)).toEqual(await readAll(oracle, range));
      const changes = { scope: clearScope('prod'), filters: [], afterVersion: 250, limit: 100 };
      expect((await changedAll(store, changes)).requests).toEqual((await changedAll(oracle, changes)).requests);
      const series = { ...query, from: FIRST_DAY, to: FIRST_DAY + 5 * 86_400_000, intervalMs: 3_600_000, topN: 5 };
      const grouped = { ...series, groupBy: ['apiKeyName' as const] };
      expectSameSeries(await store.volume(grouped), await oracle.volume(grouped));
      const [found, expected] = [await store.stats(), await oracle.stats()];
      expect([found.requests, found.openRequests, found.days]).toEqual([
        expected.requests,
        expected.openRequests,
        expected.days,
      ]);
      expect(found.oldest).toBeCloseTo(expected.oldest ?? 0, 0);
      expect(found.newest).toBeCloseTo(expected.newest ?? 0, 0);
    });

    it('takes the same again without a change, and goes on', async () => {
      const versions = numbered(SAMPLE);
      await rig.store.apply(versions.slice(-80), SAMPLE.length);
      const query = everything('prod', 'staging');
      expect(unordered(await searchAll(rig.store, query))).toEqual(unordered(await searchAll(rig.oracle, query)));
      await rig.apply([exampleRequest({ requestId: 'after' })]);
      await rig.reopen();
      expect(rig.store.position()).toBe(SAMPLE.length + 1);
      const filters = [{ field: 'requestId', op: 'eq', value: 'after' }] as const;
      expect(await searchAll(rig.store, { ...query, filters })).toHaveLength(1);
    });

    it('keeps a position that came without a request', async () => {
      const position = rig.store.position() + 1_000;
      await rig.store.apply([], position);
      await rig.reopen();
      expect(rig.store.position()).toBe(position);
    });

    it('many times in a row', async () => {
      const query = everything('rounds');
      for (let round = 0; round < 5; round += 1) {
        await rig.apply([exampleRequest({ environment: 'rounds', requestId: `${round}` })]);
        await rig.apply([exampleRequest({ environment: 'rounds', requestId: 'same', revision: round })]);
        await rig.reopen();
        expect(await searchAll(rig.store, query)).toHaveLength(round + 2);
      }
    });

    it('refuses everything once it is closed', async () => {
      const other = await Rig.open(conformance);
      await other.close();
      const { store } = other;
      for (const asked of [store.search(everything('prod')), store.apply([], 1), store.stats()]) {
        await expect(asked).rejects.toBeInstanceOf(StoreUnavailableError);
      }
    });
  });
}
