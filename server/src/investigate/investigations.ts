import type { Investigations } from '../api/routes/investigations.ts';
import { type ExplainDeps, explainRequests } from './explainRequests.ts';
import { rankIncidents } from './rankIncidents.ts';
import { type WeighDeps, weighOne } from './weighChanges.ts';

/** What concludes from the store and the ledger together. */
export interface InvestigationDeps extends ExplainDeps {
  /** Absent where changes are not received. */
  readonly weighing: WeighDeps | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createInvestigations({ store, changes, weighing, now }: InvestigationDeps): Investigations {
  return {
    request: (question, signal) => explainRequests(question, { store, changes }, signal),
    ...(weighing !== undefined && {
      weighing: {
        impact: (change, place, signal) => weighOne(change, { ...place, now: now() }, weighing, signal),
        incident: (question, signal) => rankIncidents(question, now(), weighing, signal),
      },
    }),
  };
}
