import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  configHistory,
  type Impact,
  prepareEvidence,
  rankSuspects,
  unpackWindow,
  weighChange,
} from '@aisix-observability/evidence';
import { openThread } from '../thread/openThread.ts';
import type { Gone, JudgeCalls, Known } from './messages.ts';
import { rehearse } from './rehearse.ts';

// The thread's own entry: weighing a busy hour takes a processor for a second, which nobody else may wait for.

const thread = openThread<null, JudgeCalls>();

const evidenceOf = ({ versions, window, ...known }: Known, gone: Gone) =>
  prepareEvidence({
    ...known,
    window: unpackWindow(window),
    config: configHistory(versions),
    goOn() {
      if (Atomics.load(gone, 0) !== 0) throw new Error('nobody waits for the answer any more');
    },
  });

let last: Promise<unknown> = Promise.resolve();

/** One after the other; what nobody waits for any more when its turn comes is left out. */
function inTurn<Answer>(signal: AbortSignal, work: () => Answer): Promise<Answer> {
  const mine = last.then(async () => {
    // Words that were sent meanwhile are heard first: an end of waiting may be among them.
    await nextTurn();
    signal.throwIfAborted();
    return work();
  });
  last = mine.catch(() => {});
  return mine;
}

thread.serve({
  rehearse: (_, signal) =>
    inTurn(signal, () => {
      rehearse();
      return null;
    }),
  async weigh({ known, changeIds, now, gone }, signal) {
    const byId = new Map(known.changes.map((change) => [change.id, change]));
    const evidence = await inTurn(signal, () => evidenceOf(known, gone));
    const impacts: Impact[] = [];
    for (const id of changeIds) {
      const change = byId.get(id);
      // Hundreds of changes take minutes: each has a turn of its own, so that a person's question comes in between.
      if (change !== undefined) impacts.push(await inTurn(signal, () => weighChange(evidence, change, now)));
    }
    return impacts;
  },
  rank: ({ known, query, now, gone }, signal) =>
    inTurn(signal, () => rankSuspects(evidenceOf(known, gone), query, now)),
});
