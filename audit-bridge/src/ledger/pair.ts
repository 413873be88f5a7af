import type { ChangeAction } from '@aisix-observability/evidence';
import { canonicalJson, remembering } from '../model/canonicalJson.ts';
import type { ChangeObservation } from '../model/observation.ts';
import { distanceTo, type Group, groupByRevision, groupObserved } from './groupObserved.ts';
import {
  byTime,
  CLOCK_TOLERANCE_MS,
  compareText,
  intervalOf,
  PAIRING_WINDOW_MS,
  sameResource,
  widthOf,
} from './observed.ts';

/** One change: what audit logs say of it, and what was seen of it in the state. At least one of the two is not empty. */
export interface Paired {
  readonly audits: readonly ChangeObservation[];
  readonly observed: readonly ChangeObservation[];
  /** A later value came before this one was seen anywhere. */
  readonly superseded: boolean;
}

/** What an audit log calls an action, and what it looks like in the state. */
const SEEN_AS: Readonly<Record<ChangeAction, readonly ChangeAction[]>> = {
  create: ['create'],
  update: ['update'],
  delete: ['delete'],
  enable: ['update'],
  disable: ['update'],
  rotate: ['update'],
  other: ['update'],
  revoke: ['delete', 'update'],
  invite: [],
};

/** Actions that leave a value behind, which a later value may cover up before anybody looks. */
const WRITES: ReadonlySet<ChangeAction> = new Set(['create', 'update', 'enable', 'disable', 'rotate', 'other']);

/** Pairs what audit logs say with what was seen, in an order that owes nothing to arrival. */
export function pairObservations(observations: readonly ChangeObservation[]): Paired[] {
  const observed = groupObserved(observations.filter(({ trust }) => trust === 'observed'));
  const audits = observations.filter(({ trust }) => trust !== 'observed');
  // What failed left no trace in the state.
  const failed = audits.filter(({ result }) => result === 'failure').toSorted(byTime);
  const told = groupByRevision(audits.filter(({ result }) => result !== 'failure'));

  const partner = new Map<Group, Group>();
  const taken = new Set<Group>();
  const join = (audit: Group, seen: Group): void => {
    partner.set(audit, seen);
    taken.add(seen);
  };
  pairByRevision(told, observed, join);
  pairByTime(
    told.filter((audit) => !partner.has(audit)),
    observed.filter((seen) => !taken.has(seen)),
    join,
  );

  return [
    ...failed.map((audit) => ({ audits: [audit], observed: [], superseded: false })),
    ...told.map((audit) => {
      const seen = partner.get(audit);
      if (seen !== undefined) return { audits: audit, observed: seen, superseded: false };
      return { audits: audit, observed: [], superseded: observed.some((later) => absorbs(later, audit)) };
    }),
    ...observed.filter((seen) => !taken.has(seen)).map((seen) => ({ audits: [], observed: seen, superseded: false })),
  ];
}

function revisionOf(group: Group): number | undefined {
  return group.find(({ revision }) => revision !== undefined)?.revision;
}

type Join = (audit: Group, seen: Group) => void;

function pairByRevision(audits: readonly Group[], observed: readonly Group[], join: Join): void {
  const byRevision = Map.groupBy(observed, revisionOf);
  for (const audit of audits) {
    const revision = revisionOf(audit);
    if (revision === undefined) continue;
    const seen = byRevision.get(revision)?.find(([first]) => sameResource(first, audit[0]));
    if (seen !== undefined) join(audit, seen);
  }
}

/**
 * Rounds in which audits and sightings choose each other. Each looks two neighbours further, so that what is hours away
 * has no say, and the fold of a busy resource need not go through all of its history (`windows.ts`).
 */
export const PAIRING_ROUNDS = 3;

interface Candidate {
  readonly audit: Group;
  readonly seen: Group;
  readonly at: number;
  readonly away: number;
  readonly agree: boolean;
}

/**
 * The two that are each other's best choice first: where paths and values agree that counts for more than nearness,
 * since bursts come close together.
 */
function pairByTime(audits: readonly Group[], observed: readonly Group[], join: Join): void {
  const near = nearby(observed);
  let candidates = audits
    .flatMap((audit): Candidate[] => {
      const at = intervalOf(audit[0]);
      return near(at[0])
        .filter((seen) => mayPair(audit, seen))
        .map((seen) => ({ audit, seen, at: at[0], away: distanceTo(seen, at), agree: agree(audit, seen) }))
        .filter(({ away }) => away <= PAIRING_WINDOW_MS);
    })
    .sort(byChoice);
  for (let round = 0; round < PAIRING_ROUNDS && candidates.length > 0; round += 1) {
    const best = new Map<Group, Candidate>();
    for (const candidate of candidates) {
      if (!best.has(candidate.audit)) best.set(candidate.audit, candidate);
      if (!best.has(candidate.seen)) best.set(candidate.seen, candidate);
    }
    const done = new Set<Group>();
    for (const candidate of new Set(best.values())) {
      const { audit, seen } = candidate;
      if (best.get(audit) !== candidate || best.get(seen) !== candidate) continue;
      done.add(audit).add(seen);
      join(audit, seen);
    }
    candidates = candidates.filter(({ audit, seen }) => !done.has(audit) && !done.has(seen));
  }
}

function byChoice(a: Candidate, b: Candidate): number {
  return (
    Number(b.agree) - Number(a.agree) ||
    a.away - b.away ||
    // In a long interval the last one left what was seen in the end.
    b.at - a.at ||
    widthOf(intervalOf(a.seen[0])) - widthOf(intervalOf(b.seen[0])) ||
    compareText(a.audit[0].observationId, b.audit[0].observationId) ||
    compareText(a.seen[0].observationId, b.seen[0].observationId)
  );
}

/** Finds the groups of which some sighting may be within the pairing window of a moment, each once. */
function nearby(groups: readonly Group[]): (at: number) => readonly Group[] {
  const sightings = groups
    .flatMap((group) => group.map((member) => ({ group, interval: intervalOf(member) })))
    .sort((a, b) => a.interval[0] - b.interval[0]);
  const widest = sightings.reduce((width, { interval }) => Math.max(width, widthOf(interval)), 0);
  return (at) => {
    let low = 0;
    for (let high = sightings.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sightings[middle]?.interval[0] ?? 0) < at - PAIRING_WINDOW_MS - widest) low = middle + 1;
      else high = middle;
    }
    const found = new Set<Group>();
    for (let index = low; index < sightings.length; index += 1) {
      const sighting = sightings[index];
      if (sighting === undefined || sighting.interval[0] > at + PAIRING_WINDOW_MS) break;
      found.add(sighting.group);
    }
    return [...found];
  };
}

function mayPair(audit: Group, seen: Group): boolean {
  if (revisionOf(audit) !== undefined && revisionOf(seen) !== undefined) return false;
  return SEEN_AS[audit[0].action].includes(seen[0].action) && sameResource(audit[0], seen[0]);
}

function agree(audit: Group, seen: Group): boolean {
  return audit[0].paths.length > 0 && effectOf(audit[0]) === effectOf(seen[0]);
}

/** What a change does, without what it replaces; secrets may be masked in different ways. */
const effectOf = remembering(({ paths }: ChangeObservation): string => {
  const effect = paths.map(({ path, after, secret }) => [path, secret ? null : (after ?? null)] as const);
  return canonicalJson(effect.toSorted(([a], [b]) => compareText(a, b)));
});

/** An update that was seen only afterwards stands for every earlier one of its interval. */
function absorbs(seen: Group, audit: Group): boolean {
  const newer = revisionOf(seen);
  const older = revisionOf(audit);
  if (newer === undefined || older === undefined || older > newer) return false;
  if (!WRITES.has(seen[0].action) || !WRITES.has(audit[0].action) || !sameResource(seen[0], audit[0])) return false;
  return distanceTo(seen, intervalOf(audit[0])) <= CLOCK_TOLERANCE_MS;
}
