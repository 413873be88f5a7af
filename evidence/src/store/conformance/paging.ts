import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import { MAX_GET, type SearchPlace, type SearchQuery } from '../query.ts';
import { clearScope, everything, requestsOf, searchAll } from './answers.ts';
import { FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';

const ids = (requests: readonly GatewayRequest[]) => requests.map(({ requestId }) => requestId);

/** Pages neither skip nor repeat, also while rows come in. */
export function describePaging(conformance: Conformance): void {
  describe('paging', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
    });
    afterAll(() => rig?.close());

    /** Forty that started together, between others; two differ by less than a microsecond. */
    const seed = (environment: string) =>
      Array.from({ length: 60 }, (_, at) =>
        exampleRequest({
          environment,
          requestId: `${at}`,
          state: at % 3 === 0 ? 'open' : 'final',
          startTime: FIRST_DAY + (at < 40 ? 5.000_1 + (at % 2) * 0.000_2 : at),
        }),
      );

    it.each([
      ['newest', 1],
      ['newest', 7],
      ['oldest', 7],
      ['oldest', 20],
      ['newest', 60],
    ] as const)('%s in pages of %i, of which many start together', async (order, limit) => {
      const environment = `quiet-${order}-${limit}`;
      await rig.apply(seed(environment));
      const whole = ids(await searchAll(rig.store, { ...everything(environment), order }));
      expect(whole.toSorted()).toEqual(ids(seed(environment)).toSorted());
      expect(ids(await searchAll(rig.store, { ...everything(environment), order, limit }))).toEqual(whole);
    });

    it('oldest is newest backwards', async () => {
      await rig.apply(seed('backwards'));
      const newest = ids(await searchAll(rig.store, everything('backwards')));
      const oldest = ids(await searchAll(rig.store, { ...everything('backwards'), order: 'oldest' }));
      expect(oldest).toEqual(newest.toReversed());
    });

    it.each(['newest', 'oldest'] as const)('%s, while rows arrive at every place', async (order) => {
      const environment = `busy-${order}`;
      const query: SearchQuery = { ...everything(environment), order, limit: 4 };
      const first = seed(environment);
      await rig.apply(first);
      const found: string[] = [];
      let after: SearchPlace | undefined;
      for (let page = 0; ; page += 1) {
        const answer = await rig.store.search({ ...query, ...(after && { after }) });
        found.push(...ids(requestsOf(answer)));
        if (answer.next === undefined) break;
        after = answer.next;
        const late = [0, 5, 30, 70].map((at) =>
          exampleRequest({ environment, requestId: `late-${page}-${at}`, startTime: FIRST_DAY + at }),
        );
        if (page < 10) await rig.apply(late);
        // A correction that leaves the start as it is, of one that was perhaps shown and perhaps not.
        await rig.apply([{ ...(first[page * 3] ?? first[0]), revision: page + 1 } as GatewayRequest]);
      }
      expect(new Set(found).size).toBe(found.length);
      expect(ids(first).filter((id) => !found.includes(id))).toEqual([]);
    });

    it('an id gives its newest requests, so many and no more', async () => {
      const environment = 'one-id';
      const requests = Array.from({ length: MAX_GET + 20 }, (_, at) =>
        exampleRequest({ environment, requestId: 'reused', traceId: `trace ${at}`, startTime: FIRST_DAY + at }),
      );
      await rig.apply(requests);
      const get = { scope: clearScope(environment), environment, requestId: 'reused' };
      const found = requestsOf(await rig.store.get(get)).map(({ traceId }) => traceId);
      expect(found).toEqual(
        requests
          .map(({ traceId }) => traceId)
          .toReversed()
          .slice(0, MAX_GET),
      );
    });

    it('what is asked beside an apply finds and counts every request once', async () => {
      const environment = 'beside';
      await rig.apply(seed(environment));
      const corrected = Array.from({ length: 5 }, (_, round) =>
        seed(environment).map((request) => ({ ...request, state: 'final' as const, revision: round + 1 })),
      );
      const writing = (async () => {
        for (const requests of corrected) await rig.apply(requests, 20);
      })();
      try {
        for (let round = 0; round < 10; round += 1) {
          const found = ids(await searchAll(rig.store, { ...everything(environment), limit: 1_000 }));
          expect(found.toSorted()).toEqual(ids(seed(environment)).toSorted());
          const series = { ...everything(environment), from: FIRST_DAY, to: FIRST_DAY + 1_000, groupBy: [], topN: 1 };
          expect((await rig.store.volume({ ...series, intervalMs: 1_000 })).series[0]?.values).toEqual([found.length]);
        }
      } finally {
        await writing;
      }
    });
  });
}
