import {
  type ConfigChange,
  type Incident,
  type IncidentQuery,
  PRODUCT_PARAMETERS,
  type ReadScope,
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
}

/** Incidents of a range with their candidates, or the one that is asked for by its start. */
export async function rankIncidents(
  question: IncidentQuestion,
  now: number,
  deps: WeighDeps,
  signal?: AbortSignal,
): Promise<RankedIncidents> {
  const { from, to, start, end, filter, ...place } = question;
  const until = Math.max(from + 1, Math.min(to, now - SETTLE_MILLIS));
  const { oneIn, ...known } = await gather(
    { ...place, from: from - PRODUCT_PARAMETERS.beforeMillis, to: until },
    deps,
    signal,
  );
  const query = {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(filter !== undefined && { filter }),
  };
  const found = await deps.judge.rank(known, query, until, signal);
  // The time before is read to compare with: what ended in it was not asked for.
  const incidents = found.filter((incident) => incident.end === undefined || incident.end >= from);
  const named = new Set(
    incidents.flatMap(({ candidates }) => candidates.flatMap(({ kind, id }) => (kind === 'change' ? [id] : []))),
  );
  return { incidents, changes: known.changes.filter(({ id }) => named.has(id)), oneIn };
}
