import type { Investigations } from '../api/routes/investigations.ts';
import { type ExplainDeps, explainRequests } from './explainRequests.ts';

/** What concludes from the store and the ledger together. */
export function createInvestigations(deps: ExplainDeps): Investigations {
  return {
    request: (question, signal) => explainRequests(question, deps, signal),
  };
}
