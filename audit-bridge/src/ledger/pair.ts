import type { ChangeAction } from '@aisix-observability/evidence';
import { canonicalJson } from '../model/canonicalJson.ts';
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

/** The nearest two first. Where paths and values agree that counts for more than nearness: bursts come close together. */
function pairByTime(audits: readonly Group[], observed: readonly Group[], join: Join): void {
  const candidates = audits.flatMap((audit) => {
    const at = intervalOf(audit[0]);
    return observed
      .filter((seen) => mayPair(audit, seen))
      .map((seen) => ({ audit, seen, at: at[0], away: distanceTo(seen, at), agree: agree(audit, seen) }))
      .filter(({ away }) => away <= PAIRING_WINDOW_MS);
  });
  const done = new Set<Group>();
  candidates.sort(
    (a, b) =>
      Number(b.agree) - Number(a.agree) ||
      a.away - b.away ||
      // In a long interval the last one left what was seen in the end.
      b.at - a.at ||
      widthOf(intervalOf(a.seen[0])) - widthOf(intervalOf(b.seen[0])) ||
      compareText(a.audit[0].observationId, b.audit[0].observationId) ||
      compareText(a.seen[0].observationId, b.seen[0].observationId),
  );
  for (const { audit, seen } of candidates) {
    if (done.has(audit) || done.has(seen)) continue;
    done.add(audit).add(seen);
    join(audit, seen);
  }
}

function mayPair(audit: Group, seen: Group): boolean {
  if (revisionOf(audit) !== undefined && revisionOf(seen) !== undefined) return false;
  return SEEN_AS[audit[0].action].includes(seen[0].action) && sameResource(audit[0], seen[0]);
}

function agree(audit: Group, seen: Group): boolean {
  return audit[0].paths.length > 0 && effectOf(audit[0]) === effectOf(seen[0]);
}

/** What a change does, without what it replaces; secrets may be masked in different ways. */
function effectOf({ paths }: ChangeObservation): string {
  const effect = paths.map(({ path, after, secret }) => [path, secret ? null : (after ?? null)] as const);
  return canonicalJson(effect.toSorted(([a], [b]) => compareText(a, b)));
}

/** An update that was seen only afterwards stands for every earlier one of its interval. */
function absorbs(seen: Group, audit: Group): boolean {
  const newer = revisionOf(seen);
  const older = revisionOf(audit);
  if (newer === undefined || older === undefined || older > newer) return false;
  if (!WRITES.has(seen[0].action) || !WRITES.has(audit[0].action) || !sameResource(seen[0], audit[0])) return false;
  return distanceTo(seen, intervalOf(audit[0])) <= CLOCK_TOLERANCE_MS;
}
