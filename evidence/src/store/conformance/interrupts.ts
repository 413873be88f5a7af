import { describe, expect, it } from 'vitest';
import type { EvidenceStore } from '../store.ts';
import { ALWAYS, clearScope, everything } from './answers.ts';
import type { Conformance } from './rig.ts';
import { sampleRig } from './sample.ts';

const SERIES = { ...everything('prod'), from: 0, to: 1_000_000, intervalMs: 1_000, groupBy: [], topN: 1 };

type Ask = (store: EvidenceStore, signal: AbortSignal) => Promise<unknown>;
const QUERIES: readonly (readonly [string, Ask])[] = [
  ['search', (store, signal) => store.search(everything('prod'), signal)],
  ['get', (store, signal) => store.get({ scope: clearScope('prod'), environment: 'prod', requestId: 'x' }, signal)],
  ['volume', (store, signal) => store.volume(SERIES, signal)],
  ['metrics', (store, signal) => store.metrics({ ...SERIES, measures: ['p95'] }, signal)],
  [
    'values',
    (store, signal) => store.values({ ...ALWAYS, scope: clearScope('prod'), field: 'outcome', limit: 5 }, signal),
  ],
  ['changed', (store, signal) => store.changed({ ...everything('prod'), afterVersion: 0 }, signal)],
];

/** Who goes away is not waited for. */
export function describeInterrupts(conformance: Conformance): void {
  describe('interrupted queries', () => {
    const rig = sampleRig(conformance);

    it.each(QUERIES)('%s rejects with the reason of its signal', async (_, ask) => {
      const reason = new Error('the caller went away');
      await expect(ask(rig().store, AbortSignal.abort(reason))).rejects.toBe(reason);
      const controller = new AbortController();
      const asked = ask(rig().store, controller.signal);
      controller.abort(reason);
      await expect(asked).rejects.toBe(reason);
    });

    it('an interrupted query does not touch the others', async () => {
      const expected = await rig().store.search(everything('prod'));
      const asked = Array.from({ length: 30 }, (_, at) => {
        const controller = new AbortController();
        const answer = rig().store.search(everything('prod'), controller.signal);
        if (at % 2 === 0) return answer;
        controller.abort();
        return answer.then(
          () => undefined,
          () => undefined,
        );
      });
      const answers = await Promise.all(asked);
      answers.forEach((answer, at) => {
        expect(answer?.requests).toBe(at % 2 === 0 ? expected.requests : undefined);
      });
    });
  });
}
