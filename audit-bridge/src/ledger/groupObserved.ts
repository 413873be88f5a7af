import { documentHash } from '../model/canonicalJson.ts';
import type { ChangeObservation } from '../model/observation.ts';
import { byTime, distance, type Interval, intervalOf, PAIRING_WINDOW_MS, sameResource } from './observed.ts';

/** Observations of one change, never empty. */
export type Group = readonly [ChangeObservation, ...ChangeObservation[]];

/** Puts together what has the same revision; what has none stays alone. */
export function groupByRevision(observations: readonly ChangeObservation[]): Group[] {
  const groups: [ChangeObservation, ...ChangeObservation[]][] = [];
  const byRevision = new Map<number, [ChangeObservation, ...ChangeObservation[]][]>();
  for (const observation of observations.toSorted(byTime)) {
    const { revision } = observation;
    const same = revision === undefined ? undefined : byRevision.get(revision);
    const group = same?.find(([first]) => sameResource(first, observation));
    if (group !== undefined) {
      group.push(observation);
      continue;
    }
    const fresh: [ChangeObservation, ...ChangeObservation[]] = [observation];
    groups.push(fresh);
    if (revision !== undefined) byRevision.set(revision, [...(same ?? []), fresh]);
  }
  return groups;
}

/**
 * Changes out of differences of state: equal revisions are one change; without one (deletions, plain files) it takes
 * the same resource, action and value, seen by different feeds or data planes within a minute. What one feed saw twice
 * happened twice.
 */
export function groupObserved(observations: readonly ChangeObservation[]): Group[] {
  const withRevision = observations.filter(({ revision }) => revision !== undefined);
  const groups = groupByRevision(withRevision).map(([...members]) => newGroup(members));
  for (const observation of observations.filter(({ revision }) => revision === undefined).toSorted(byTime)) {
    const nearest = nearestGroup(groups, observation);
    if (nearest === undefined) groups.push(newGroup([observation]));
    else addTo(nearest, observation);
  }
  return groups.map(({ members }) => members as unknown as Group);
}

interface Growing {
  readonly members: ChangeObservation[];
  readonly sources: Set<string>;
}

function newGroup(members: ChangeObservation[]): Growing {
  return { members, sources: new Set(members.map(sourceOf)) };
}

function addTo(group: Growing, observation: ChangeObservation): void {
  group.members.push(observation);
  group.sources.add(sourceOf(observation));
}

function sourceOf({ feed, dataPlane }: ChangeObservation): string {
  return JSON.stringify([feed.type, feed.name, dataPlane]);
}

function nearestGroup(groups: readonly Growing[], observation: ChangeObservation): Growing | undefined {
  let best: { readonly group: Growing; readonly away: number } | undefined;
  for (const group of groups) {
    if (group.sources.has(sourceOf(observation)) || !sameChange(group.members, observation)) continue;
    const away = distanceTo(group.members, intervalOf(observation));
    if (away <= PAIRING_WINDOW_MS && (best === undefined || away < best.away)) best = { group, away };
  }
  return best?.group;
}

function sameChange([first]: readonly ChangeObservation[], observation: ChangeObservation): boolean {
  if (first === undefined || first.action !== observation.action || !sameResource(first, observation)) return false;
  if (first.after === undefined || observation.after === undefined) return true;
  if (first.after === null || observation.after === null) return first.after === observation.after;
  return documentHash(first.after) === documentHash(observation.after);
}

/** Milliseconds between a moment or interval and the nearest of a group's intervals. */
export function distanceTo(group: readonly ChangeObservation[], interval: Interval): number {
  return Math.min(...group.map((member) => distance(intervalOf(member), interval)));
}
