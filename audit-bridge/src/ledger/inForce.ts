import { documentHash } from '../model/canonicalJson.ts';
import type { ChangeObservation, InForceObservation, StatusObservation } from '../model/observation.ts';
import { CLOCK_TOLERANCE_MS, compareText, concerns, PAIRING_WINDOW_MS } from './observed.ts';
import { answerOf, STATUS_HORIZON_MS } from './statusTimes.ts';

/** What is asked of: a change that happened at `at`, with all that was observed of it. */
export interface Asked {
  readonly at: number;
  readonly members: readonly ChangeObservation[];
  readonly revision?: number;
  /** Not an event that says that it failed. */
  readonly happened: boolean;
}

/** Per data plane, by its name: since when it serves the change, and since when it refuses it. */
export interface InForce {
  readonly applied: ReadonlyMap<string, number>;
  readonly rejected: ReadonlyMap<string, number>;
}

/**
 * Times in force of the changes of a resource, in their order. What a watcher saw on disk outranks what
 * `/status/config` says, since the latter speaks of the data plane as a whole.
 */
export function timesInForce(
  changes: readonly Asked[],
  inForce: readonly InForceObservation[],
  statuses: readonly StatusObservation[],
): InForce[] {
  const times = changes.map(() => ({ applied: new Map<string, number>(), rejected: new Map<string, number>() }));
  const byRevision = Map.groupBy(changes.keys(), (index) => changes[index]?.revision);
  for (const seen of inForce) {
    const index = changeMeant(changes, byRevision, seen);
    const time = index === undefined ? undefined : times[index];
    if (time === undefined) continue;
    keepEarliest(seen.state === 'rejected' ? time.rejected : time.applied, seen.dataPlane, seen.at);
  }
  const reports = Map.groupBy(statuses, ({ environment, dataPlane }) => JSON.stringify([environment, dataPlane]));
  for (const unsorted of reports.values()) {
    const byTime = unsorted.toSorted(
      (a, b) => a.observedAt - b.observedAt || compareText(a.observationId, b.observationId),
    );
    const [{ environment, dataPlane }] = byTime as [StatusObservation];
    for (const [index, change] of changes.entries()) {
      const time = times[index];
      if (time === undefined || !change.happened || time.applied.has(dataPlane) || time.rejected.has(dataPlane))
        continue;
      if (change.members[0]?.environment !== environment) continue;
      const answer = answerOf(byTime, questionOf(changes, index, change));
      if (answer !== undefined) time[answer.state].set(dataPlane, answer.at);
    }
  }
  return times;
}

function keepEarliest(times: Map<string, number>, dataPlane: string, at: number): void {
  times.set(dataPlane, Math.min(at, times.get(dataPlane) ?? at));
}

function questionOf(changes: readonly Asked[], index: number, change: Asked) {
  const [first] = change.members;
  const id = change.members.find(({ resource }) => resource.id !== undefined)?.resource.id;
  return {
    kind: first?.resource.kind ?? '',
    at: change.at,
    until: first === undefined ? Number.POSITIVE_INFINITY : nextAt(changes, index, change.at, first),
    ...(id !== undefined && { id }),
    ...(change.revision !== undefined && { revision: change.revision }),
  };
}

/** When the resource changed again, as far as it matters to what reports say. */
function nextAt(changes: readonly Asked[], index: number, at: number, subject: ChangeObservation): number {
  for (let other = index + 1; other < changes.length; other += 1) {
    const later = changes[other];
    if (later === undefined || later.at > at + STATUS_HORIZON_MS) break;
    const isNext = later.happened && later.at > at && later.members.some((member) => concerns(subject, member));
    if (isNext) return later.at;
  }
  return Number.POSITIVE_INFINITY;
}

/** The change that an observation speaks of: by revision, else by value, else the last one before it. */
function changeMeant(
  changes: readonly Asked[],
  byRevision: ReadonlyMap<number | undefined, readonly number[]>,
  seen: InForceObservation,
): number | undefined {
  const { revision, valueHash: hash, state, at } = seen;
  const isMeant = ({ happened, members }: Asked): boolean =>
    happened && members.some((member) => concerns(seen, member));
  if (revision !== undefined) {
    return byRevision.get(revision)?.find((index) => isMeant(changes[index] as Asked));
  }
  // The last change not after that moment (clocks differ a little) and not long before it.
  const last = (fits: (change: Asked) => boolean, within: number): number | undefined => {
    const index = changes.findLastIndex(
      (change) => change.at <= at + CLOCK_TOLERANCE_MS && at - change.at <= within && fits(change) && isMeant(change),
    );
    return index < 0 ? undefined : index;
  };
  if (state === 'removed') return last(removes, PAIRING_WINDOW_MS);
  if (hash !== undefined) return last(leaves(hash), Number.POSITIVE_INFINITY);
  return last(() => true, PAIRING_WINDOW_MS);
}

function removes({ members }: Asked): boolean {
  return members.some(({ action }) => action === 'delete' || action === 'revoke');
}

function leaves(hash: string): (change: Asked) => boolean {
  return ({ members }) =>
    members.some(({ after }) => after !== undefined && after !== null && documentHash(after) === hash);
}
