import {
  type ConfigChange,
  type Incident,
  type IncidentQuery,
  PRODUCT_PARAMETERS,
  type ReadScope,
  type SilentSpan,
} from '@aisix-observability/evidence';
import { gather, SETTLE_MILLIS } from './gather.ts';
import type { WeighDeps } from './weighChanges.ts';

export interface IncidentQuestion extends IncidentQuery {
  readonly scope: ReadScope;
  readonly environment: string;
  readonly organizationWide: boolean;
  /** What is looked at, epoch milliseconds; what was before is read for comparison. */
  readonly from: number;
  readonly to: number;
}

export interface RankedIncidents {
  readonly incidents: readonly Incident[];
  /** The changes that are candidates. */
  readonly changes: readonly ConfigChange[];
  readonly oneIn: number;
  /** Requests of the range that were looked at; 0: nothing is known of it, which is not that all was well. */
  readonly requests: number;
  /** Times in which a feed of changes told nothing, so that candidates may be missing. */
  readonly silent: readonly SilentSpan[];
  /** There were more changes than are looked at; absent where there were not. */
  readonly changesCut?: true;
}

/** Whom the timed looks suspect and no person has cleared. */
const isOpenSuspect = ({ verdict }: ConfigChange): boolean =>
  verdict?.computed?.value === 'suspect' && verdict.human?.value !== 'cleared';

/** Incidents of a range with their candidates, or the one that is asked for by its start. */
export async function rankIncidents(
  question: IncidentQuestion,
  now: number,
  deps: WeighDeps,
  signal?: AbortSignal,
): Promise<RankedIncidents> {
  const { from, to, start, end, filter, ...place } = question;
  const until = Math.max(from + 1, Math.min(to, now - SETTLE_MILLIS));
  const { oneIn, changesCut, ...known } = await gather(
    { ...place, from: from - PRODUCT_PARAMETERS.beforeMillis, to: until },
    deps,
    signal,
  );
  const query = {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(filter !== undefined && { filter }),
    suspects: known.changes.filter(isOpenSuspect).map(({ id }) => id),
  };
  const found = await deps.judge.rank(known, query, until, signal);
  // The time before is read to compare with: what ended in it was not asked for.
  const incidents = found.filter((incident) => incident.end === undefined || incident.end >= from);
  const named = new Set(
    incidents.flatMap(({ candidates }) => candidates.flatMap(({ kind, id }) => (kind === 'change' ? [id] : []))),
  );
  const { window, silent, changes } = known;
  return {
    incidents,
    changes: changes.filter(({ id }) => named.has(id)),
    oneIn,
    requests: window.startTime.reduce((count, time) => (time >= from ? count + 1 : count), 0),
    silent,
    ...(changesCut && { changesCut }),
  };
}
