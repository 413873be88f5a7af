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
import type { JudgeCalls, Known } from './messages.ts';
import { rehearse } from './rehearse.ts';

// The thread's own entry: weighing a busy hour takes a processor for a second, which nobody else may wait for.

const thread = openThread<null, JudgeCalls>();

const evidenceOf = ({ versions, window, ...known }: Known) =>
  prepareEvidence({ ...known, window: unpackWindow(window), config: configHistory(versions) });

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
  async weigh({ known, changeIds, now }, signal) {
    const byId = new Map(known.changes.map((change) => [change.id, change]));
    const evidence = await inTurn(signal, () => evidenceOf(known));
    const impacts: Impact[] = [];
    for (const id of changeIds) {
      const change = byId.get(id);
      // Hundreds of changes take minutes: each has a turn of its own, so that a person's question comes in between.
      if (change !== undefined) impacts.push(await inTurn(signal, () => weighChange(evidence, change, now)));
    }
    return impacts;
  },
  rank: ({ known, query, now }, signal) => inTurn(signal, () => rankSuspects(evidenceOf(known), query, now)),
});
