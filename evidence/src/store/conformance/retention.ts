import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALWAYS, changedAll, clearScope, everything, readAll, requestsOf, searchAll, unordered } from './answers.ts';
import { DAY_MILLIS, FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';

/** Whole days go, and nothing else. */
export function describeRetention(conformance: Conformance): void {
  describe('dropping days', () => {
    let rig: Rig;
    const at = (day: number, inDay: number, state: 'open' | 'final' = 'final') =>
      exampleRequest({
        requestId: `${day}/${inDay}/${state}`,
        requestedModel: `model of day ${day}`,
        startTime: FIRST_DAY + day * DAY_MILLIS + inDay,
        state,
      });
    const days = [
      [at(0, 0), at(0, 1_000, 'open'), at(0, DAY_MILLIS - 0.001)],
      [at(1, 0), at(1, DAY_MILLIS - 1)],
      [at(3, 5)],
    ];
    const held = async () => unordered(await searchAll(rig.store, everything('prod')));
    const of = (...which: readonly number[]) => unordered(which.flatMap((day) => days[day] ?? []));

    beforeAll(async () => {
      rig = await Rig.open(conformance);
      await rig.apply(days.flat());
    });
    afterAll(() => rig?.close());

    it('keeps a day that has not ended', async () => {
      expect(await rig.store.dropBefore(FIRST_DAY + DAY_MILLIS - 1)).toEqual({ days: 0, requests: 0 });
      expect(await held()).toEqual(of(0, 1, 2));
      expect((await rig.store.stats()).days).toBe(3);
    });

    it('drops the days that have, from every answer', async () => {
      expect(await rig.store.dropBefore(FIRST_DAY + DAY_MILLIS + 1)).toEqual({ days: 1, requests: 3 });
      expect(await held()).toEqual(of(1, 2));
      const { store } = rig;
      const scope = clearScope('prod');
      expect(await readAll(store, { ...ALWAYS, limit: 10 })).toHaveLength(3);
      expect((await changedAll(store, { scope, filters: [], afterVersion: 0, limit: 10 })).requests).toHaveLength(3);
      const get = { scope, environment: 'prod', requestId: '0/0/final' };
      expect(requestsOf(await store.get(get))).toEqual([]);
      const { values } = await store.values({ ...ALWAYS, scope, field: 'requestedModel', limit: 10 });
      expect(values.map(({ value }) => value).toSorted()).toEqual(['model of day 1', 'model of day 3']);
      const series = { ...everything('prod'), from: FIRST_DAY, to: FIRST_DAY + 4 * DAY_MILLIS, intervalMs: DAY_MILLIS };
      expect((await store.volume({ ...series, groupBy: [], topN: 1 })).series[0]?.values).toEqual([0, 2, 0, 1]);
      const { requests, days: left, oldest } = await store.stats();
      expect([requests, left, oldest]).toEqual([3, 2, FIRST_DAY + DAY_MILLIS]);
    });

    it('stays dropped after opening again, and takes new requests', async () => {
      await rig.reopen();
      expect(await held()).toEqual(of(1, 2));
      await rig.apply([at(0, 7)]);
      expect(await searchAll(rig.store, everything('prod'))).toHaveLength(4);
      expect(await rig.store.dropBefore(FIRST_DAY + 9 * DAY_MILLIS)).toEqual({ days: 3, requests: 4 });
      expect(await held()).toEqual([]);
      expect((await rig.store.stats()).oldest).toBeUndefined();
    });
  });
}
