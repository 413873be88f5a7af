import { configHistory, prepareEvidence, rankSuspects, weighChange } from '@aisix-observability/evidence';
import { openThread } from '../thread/openThread.ts';
import type { JudgeCalls, Known } from './messages.ts';

// The thread's own entry: weighing a busy hour takes a processor for a second, which nobody else may wait for.

const thread = openThread<null, JudgeCalls>();

const evidenceOf = ({ versions, ...known }: Known) => prepareEvidence({ ...known, config: configHistory(versions) });

thread.serve({
  weigh({ known, changeIds, now }) {
    const evidence = evidenceOf(known);
    const byId = new Map(known.changes.map((change) => [change.id, change]));
    return changeIds.flatMap((id) => {
      const change = byId.get(id);
      return change === undefined ? [] : [weighChange(evidence, change, now)];
    });
  },
  rank: ({ known, query, now }) => rankSuspects(evidenceOf(known), query, now),
});
