import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayRequest } from '../../model/request.ts';
import { clearScope, everything, readAll, requestsOf, searchAll, unordered } from './answers.ts';
import { arbitraryRequest, DAY_MILLIS, FIRST_DAY } from './arbitraryRequest.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, numbered, Rig } from './rig.ts';

/** Replacing, repeating and leaving alone. */
export function describeApplying(conformance: Conformance): void {
  describe('applying', () => {
    let rig: Rig;
    let environment: string;
    let made = 0;
    const stored = async () => searchAll(rig.store, everything(environment));
    const example = (given: Partial<GatewayRequest> = {}) => exampleRequest({ environment, ...given });

    beforeAll(async () => {
      rig = await Rig.open(conformance);
    });
    afterAll(() => rig?.close());

    /** A new environment: to the store it is as if nothing were there. */
    const fresh = () => {
      environment = `environment-${++made}`;
    };

    it('shows an open request at once, then its final and its corrected version in place of it', async () => {
      fresh();
      const versions = [
        example({ state: 'open', outcome: 'unknown', startTime: FIRST_DAY + 50 }),
        example({ state: 'final', startTime: FIRST_DAY + 10 }),
        example({ state: 'final', revision: 1, startTime: FIRST_DAY - DAY_MILLIS, outcome: 'provider_error' }),
      ];
      for (const version of versions) {
        await rig.apply([version]);
        expect(await stored()).toEqual([version]);
        const volume = await rig.store.volume({
          ...everything(environment),
          from: FIRST_DAY - 2 * DAY_MILLIS,
          to: FIRST_DAY + DAY_MILLIS,
          intervalMs: DAY_MILLIS,
          groupBy: ['outcome'],
          topN: 5,
        });
        expect(volume.series.map(({ labels }) => labels)).toEqual([{ outcome: version.outcome }]);
        expect(volume.series[0]?.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(1);
      }
    });

    it('finds what a correction replaces on whichever day it stood', async () => {
      fresh();
      const pairs = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3].map((to) => [from, to] as const));
      const moved = (day: 0 | 1) =>
        pairs.flatMap((pair, at) =>
          ['a', 'b', 'c'].map((part, place) =>
            example({
              requestId: `${pair.join(' to ')} ${part}`,
              revision: day,
              startTime: FIRST_DAY + (pair[day] ?? 0) * DAY_MILLIS + (at + place) * 1_000_000,
            }),
          ),
        );
      await rig.apply(moved(0), 11);
      await rig.apply(moved(1), 7);
      expect(unordered(await stored())).toEqual(unordered(moved(1)));
      const series = { ...everything(environment), from: FIRST_DAY, to: FIRST_DAY + 4 * DAY_MILLIS, groupBy: [] };
      const volume = await rig.store.volume({ ...series, topN: 1, intervalMs: DAY_MILLIS });
      expect(volume.series[0]?.values).toEqual([12, 12, 12, 12]);
    });

    it('keeps the higher seq, in whichever order they come', async () => {
      fresh();
      const [first, second] = [example({ revision: 0 }), example({ revision: 1 })];
      const [older, newer] = numbered([first, second], 1_000_000);
      if (older === undefined || newer === undefined) throw new Error('two versions expected');
      await rig.store.apply([newer], 1_000_001);
      await rig.store.apply([older], 1_000_001);
      expect(await stored()).toEqual([second]);
      await rig.store.apply([newer, older, newer], 1_000_001);
      expect(await stored()).toEqual([second]);
    });

    it('forgets nothing because somebody made a version who had forgotten', async () => {
      const attempt = (index: number) => ({
        index,
        kind: 'fallback' as const,
        outcome: 'success' as const,
        startTime: FIRST_DAY,
        endTime: FIRST_DAY + 5,
        durationMs: 5,
        dispatched: true,
      });
      const whole = example({
        attempts: [attempt(0), attempt(1)],
        feeds: ['usage', 'span'],
        startTime: FIRST_DAY,
        endTime: FIRST_DAY + 9,
        durationMs: 9,
      });
      const knownFrom = FIRST_DAY + DAY_MILLIS;
      const apply = async (versions: readonly GatewayRequest[], forgot?: number) => {
        const given = numbered(versions, rig.store.position() + 1).map((version) =>
          forgot === undefined ? version : { ...version, knownFrom: forgot },
        );
        for (const store of rig.both) await store.apply(given, given.at(-1)?.seq ?? 0);
      };
      const partial: Readonly<Record<string, GatewayRequest>> = {
        'one attempt': { ...whole, attempts: [attempt(1)] },
        'one feed': { ...whole, feeds: ['usage'] },
        'not yet final': { ...whole, state: 'open' },
        'another attempt': { ...whole, attempts: [attempt(0), attempt(2)] },
      };
      for (const [name, version] of Object.entries(partial)) {
        fresh();
        const [held, late] = [
          { ...whole, environment },
          { ...version, environment },
        ];
        await apply([held]);
        await apply([late], knownFrom);
        expect(await stored(), name).toEqual([held]);
        // Somebody who remembers may take it back.
        await apply([{ ...late, revision: 1 }], knownFrom);
        expect(await stored(), name).toEqual([{ ...late, revision: 1 }]);
      }
      for (const [from, to] of [
        [{ ...whole, attempts: [attempt(1)] }, whole],
        [
          { ...whole, state: 'open' as const },
          { ...whole, attempts: [] },
        ],
      ] as const) {
        fresh();
        await apply([{ ...from, environment }]);
        await apply([{ ...to, environment }], knownFrom);
        expect(await stored()).toEqual([{ ...to, environment }]);
      }
      fresh();
      await apply([{ ...whole, environment }]);
      await apply([{ ...whole, environment, attempts: [] }], FIRST_DAY - 1);
      expect(await stored()).toEqual([{ ...whole, environment, attempts: [] }]);
    });

    it('does not go back to an earlier position', async () => {
      const before = rig.store.position();
      await rig.store.apply([], before + 10);
      expect(rig.store.position()).toBe(before + 10);
      await rig.store.apply([], before + 5);
      expect(rig.store.position()).toBe(before + 10);
    });

    it('tells requests apart by environment, id, trace and number', async () => {
      fresh();
      const { traceId: _, ...untraced } = example();
      const requests = [
        untraced,
        example({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }),
        example({ traceId: '0af7651916cd43dd8448eb211c80319c' }),
        { ...untraced, n: 1 },
        example({ requestId: 'another' }),
      ];
      const elsewhere = { ...untraced, environment: `${environment}-too` };
      await rig.apply([...requests, elsewhere]);
      expect(unordered(await stored())).toEqual(unordered(requests));
      expect(await searchAll(rig.store, everything(elsewhere.environment))).toEqual([elsewhere]);
      const scope = clearScope(environment, elsewhere.environment);
      const got = requestsOf(await rig.store.get({ scope, environment, requestId: untraced.requestId }));
      expect(unordered(got)).toEqual(unordered(requests.slice(0, 4)));
    });

    it('comes to the same in any batching, with any repetition', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitraryRequest, { minLength: 1, maxLength: 30 }),
          fc.array(fc.tuple(fc.nat(), fc.nat({ max: 12 })), { maxLength: 6 }),
          async (requests, replays) => {
            fresh();
            const own = requests.map((request) => ({ ...request, environment }));
            const first = rig.store.position() + 1;
            const versions = numbered(own, first);
            const last = first + versions.length - 1;
            await rig.oracle.apply(versions, last);
            for (const [at, length] of replays) {
              const start = at % versions.length;
              await rig.store.apply(versions.slice(start, start + length), first - 1);
            }
            for (let at = 0; at < versions.length; at += 7) {
              await rig.store.apply(versions.slice(at, at + 7), Math.min(first + at + 6, last));
            }
            const query = everything(environment);
            const expected = await searchAll(rig.oracle, query);
            expect(unordered(await searchAll(rig.store, query))).toEqual(unordered(expected));
          },
        ),
        { numRuns: Math.ceil(conformance.runs / 4) },
      );
    });

    it('loses nothing of what a request says', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryRequest, { minLength: 1, maxLength: 10 }), async (requests) => {
          fresh();
          const own = requests.map((request, at) => ({ ...request, environment, requestId: `${at}` }));
          const before = rig.store.position();
          await rig.store.apply(numbered(own, before + 1), before + own.length);
          expect(unordered(await stored())).toEqual(unordered(own));
          const all = await readAll(rig.store, { from: 0, to: everything().to, limit: 1_000 });
          expect(all.slice(-own.length)).toEqual(own);
        }),
        { numRuns: Math.ceil(conformance.runs / 4) },
      );
    });
  });
}
