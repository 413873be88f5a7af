import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALWAYS, changedAll, clearScope, requestsOf } from './answers.ts';
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
          fc.constantFrom(40, 1_000),
          async ({ scope, filters, text }, afterVersion, limit) => {
            const query = { scope, filters, afterVersion, limit, ...(text !== undefined && { text }) };
            const found = await changedAll(rig().store, query);
            expect(found.requests).toEqual((await changedAll(rig().oracle, { ...query, limit: 1_000 })).requests);
          },
        ),
        { numRuns: conformance.runs },
      );
    });

    it('read between positions of the stream', async () => {
      const { store, oracle } = rig();
      const all = oracle.position();
      expect(all).toBeGreaterThan(10);
      for (const [after, upTo] of [
        [0, all],
        [3, all - 3],
        [all - 1, all],
        [5, 5],
        [all, all + 9],
      ] as const) {
        const range = { ...ALWAYS, limit: 10_000, upTo, ...(after > 0 && { after: String(after) }) };
        const found = (await store.read(range)).requests.map((json) => JSON.parse(json) as unknown);
        expect(found).toEqual((await oracle.read(range)).requests.map((json) => JSON.parse(json) as unknown));
      }
    });

    it.each([30, 1_000])('read in pages of %i, each range alone', async (limit) => {
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
        { numRuns: Math.ceil(conformance.runs / 10) },
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

    it('comes one by one, too', async () => {
      const query = { scope: clearScope('prod'), filters: [], afterVersion: 0 };
      const whole = (await changedAll(rig.store, { ...query, limit: 100 })).requests;
      expect(whole).toHaveLength(2);
      expect((await changedAll(rig.store, { ...query, limit: 1 })).requests).toEqual(whole);
      const pages = [await rig.store.read({ ...ALWAYS, limit: 1 })];
      for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next) {
        pages.push(await rig.store.read({ ...ALWAYS, limit: 1, after: next }));
      }
      expect(pages.flatMap(({ requests }) => requests.map((json) => JSON.parse(json) as unknown))).toEqual(whole);
    });

    it('moves on where nothing matches', async () => {
      await rig.apply([exampleRequest({ environment: 'elsewhere' })]);
      const filters = [{ field: 'status', op: 'eq', value: 999 }] as const;
      const page = await rig.store.changed({ scope: clearScope('prod'), filters, afterVersion: 0, limit: 1 });
      expect([page.count, page.version]).toEqual([0, rig.store.position()]);
    });
  });
}
