import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedAll, clearScope, requestsOf } from './answers.ts';
import { selectionAmong } from './arbitraryQuery.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';
import { SAMPLE, sampleRig } from './sample.ts';

/** What a live tail and a re-send go through, in the order of the stream. */
export function describeTail(conformance: Conformance): void {
  describe('changes in the order of the stream', () => {
    const rig = sampleRig(conformance);

    it('of any selection, from any version, in pages of any size', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong(SAMPLE),
          fc.nat({ max: SAMPLE.length + 5 }),
          fc.constantFrom(1, 13, 1_000),
          async ({ scope, filters, text }, afterVersion, limit) => {
            const query = { scope, filters, afterVersion, limit, ...(text !== undefined && { text }) };
            const found = await changedAll(rig().store, query);
            expect(found.requests).toEqual((await changedAll(rig().oracle, { ...query, limit: 1_000 })).requests);
          },
        ),
        { numRuns: conformance.runs },
      );
    });

    it.each([1, 13, 1_000])('read in pages of %i, each range alone', async (limit) => {
      const { store, oracle } = rig();
      await fc.assert(
        fc.asyncProperty(selectionAmong([]), async ({ from, to }) => {
          let after: string | undefined;
          const found: unknown[] = [];
          do {
            const page = await store.read({ from, to, limit, ...(after !== undefined && { after }) });
            found.push(...page.requests.map((json) => JSON.parse(json) as unknown));
            after = page.next;
          } while (after !== undefined);
          const expected = await oracle.read({ from, to, limit: 10_000 });
          expect(found).toEqual(expected.requests.map((json) => JSON.parse(json) as unknown));
        }),
        { numRuns: limit === 1 ? 2 : Math.ceil(conformance.runs / 10) },
      );
    });
  });

  describe('a live tail', () => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
    });
    afterAll(() => rig?.close());

    it('shows what came since, and a changed request again', async () => {
      const ask = async (afterVersion: number) =>
        rig.store.changed({ scope: clearScope('prod'), filters: [], afterVersion, limit: 10 });
      const start = await ask(rig.store.position());
      expect([requestsOf(start), start.version]).toEqual([[], 0]);
      const open = exampleRequest({ state: 'open', outcome: 'unknown' });
      await rig.apply([open, exampleRequest({ requestId: 'other' })]);
      const first = await ask(start.version);
      expect(requestsOf(first).map(({ requestId }) => requestId)).toEqual(['request', 'other']);
      const final = exampleRequest();
      await rig.apply([final]);
      const second = await ask(first.version);
      expect(requestsOf(second)).toEqual([final]);
      expect(requestsOf(await ask(second.version))).toEqual([]);
      expect((await ask(0)).count).toBe(2);
    });

    it('moves on where nothing matches', async () => {
      await rig.apply([exampleRequest({ environment: 'elsewhere' })]);
      const filters = [{ field: 'status', op: 'eq', value: 999 }] as const;
      const page = await rig.store.changed({ scope: clearScope('prod'), filters, afterVersion: 0, limit: 1 });
      expect([page.count, page.version]).toEqual([0, rig.store.position()]);
    });
  });
}
