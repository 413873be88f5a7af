import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedWindow, unpackWindow } from '../../investigate/packedWindow.ts';
import type { EvidenceStore } from '../store.ts';
import { ALWAYS, canonical, clearScope } from './answers.ts';
import { selectionAmong } from './arbitraryQuery.ts';
import { exampleRequest } from './exampleRequest.ts';
import { type Conformance, Rig } from './rig.ts';
import { sampleRig } from './sample.ts';

/** Everything at once. */
const MANY = 1_000_000;

/** The rows of a window as texts; held to their order. */
function rowsOf(packed: PackedWindow): string[] {
  const window = unpackWindow(packed);
  const starts = [...window.startTime];
  expect(starts).toHaveLength(window.length);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  return starts
    .map((startTime, at) =>
      canonical({
        startTime,
        durationMs: window.durationMs[at],
        ...window.shapes[window.shape[at] ?? -1],
        result: window.results[window.result[at] ?? -1],
        message: window.messages[window.message[at] ?? -1],
      }),
    )
    .toSorted();
}

/** Compact columns for weighing changes. */
export function describeWindows(conformance: Conformance): void {
  describe('windows', () => {
    const rig = sampleRig(conformance);

    it('of any range and environment hold the final requests, named', async () => {
      await fc.assert(
        fc.asyncProperty(
          selectionAmong([]),
          fc.constantFrom('prod', 'staging', 'elsewhere', 'nowhere'),
          async ({ scope, from, to }, environment) => {
            const query = { scope, environment, from, to, maxRows: MANY };
            const found = await rig().store.window(query);
            const expected = await rig().oracle.window(query);
            expect(rowsOf(found.window)).toEqual(rowsOf(expected.window));
            expect([found.window.environment, found.window.from, found.window.to]).toEqual([environment, from, to]);
            expect(found.oneIn).toBe(1);
          },
        ),
        { numRuns: conformance.runs },
      );
    });

    it('of everything hold something of everything', async () => {
      const query = { ...ALWAYS, scope: clearScope('prod'), environment: 'prod', maxRows: MANY };
      const { window } = await rig().store.window(query);
      expect(window.length).toBeGreaterThan(50);
      expect(window.results.some(({ attempts }) => attempts.length > 1)).toBe(true);
      expect(window.results.some(({ guardrails }) => guardrails.length > 0)).toBe(true);
      expect(window.shapes.callers.some(({ apiKeyName }) => apiKeyName === 'team-web')).toBe(true);
      expect(window.messages.length).toBeGreaterThan(0);
    });

    it('of an environment that the caller may not see are empty', async () => {
      const query = { ...ALWAYS, scope: clearScope('staging'), environment: 'prod', maxRows: MANY };
      expect((await rig().store.window(query)).window.length).toBe(0);
    });

    it('without room are refused', async () => {
      const query = { ...ALWAYS, scope: clearScope('prod'), environment: 'prod', maxRows: 0 };
      await expect(rig().store.window(query)).rejects.toMatchObject({ code: 'limit_invalid' });
    });
  });

  describe('a window of more requests than are taken', () => {
    const TOTAL = 600;
    let rig: Rig;
    beforeAll(async () => {
      rig = await Rig.open(conformance);
      const requests = Array.from({ length: TOTAL }, (_, index) =>
        exampleRequest({ requestId: `r-${index}`, startTime: exampleRequest().startTime + index }),
      );
      await rig.apply(requests);
    });
    afterAll(() => rig?.close());

    it('holds every n-th, the same at each time', async () => {
      const query = { ...ALWAYS, scope: clearScope('prod'), environment: 'prod', maxRows: TOTAL / 3 };
      const ask = async (store: EvidenceStore) => store.window(query);
      const first = await ask(rig.store);
      expect(first.oneIn).toBe(3);
      // Picked by key: a third, about.
      expect(first.window.length).toBeGreaterThan(TOTAL / 6);
      expect(first.window.length).toBeLessThan(TOTAL / 2);
      expect(rowsOf((await ask(rig.store)).window)).toEqual(rowsOf(first.window));
      expect((await ask(rig.oracle)).oneIn).toBe(3);
    });
  });
}
