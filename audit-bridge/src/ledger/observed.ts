import type { ChangeObservation, InForceObservation } from '../model/observation.ts';

/**
 * How far apart in time two sightings of one change may be: projection to a data plane takes seconds, a poll of an
 * audit log up to a minute (design: "Ledger").
 */
export const PAIRING_WINDOW_MS = 60_000;

/** Times of two machines are compared as if they could be this wrong; `/status/config` truncates to seconds, too. */
export const CLOCK_TOLERANCE_MS = 1000;

export type Interval = readonly [from: number, to: number];

/** When it happened, as far as the observation knows: a moment, or between two looks. */
export function intervalOf(observation: ChangeObservation): Interval {
  const { occurredAt, seenBetween, observedAt } = observation;
  if (occurredAt !== undefined) return [occurredAt, occurredAt];
  return seenBetween ?? [observedAt, observedAt];
}

/** Milliseconds between two intervals, 0 where they touch. */
export function distance(a: Interval, b: Interval): number {
  return Math.max(0, a[0] - b[1], b[0] - a[1]);
}

export function widthOf([from, to]: Interval): number {
  return to - from;
}

type Document = Readonly<Record<string, unknown>> | null | undefined;

/** The gateway calls a resource by `display_name` or `name`. */
export function nameIn(document: Document): string | undefined {
  const name = document?.display_name ?? document?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** The name that a resource had when an observation was made: after the change, before it for a deletion. */
export function nameOf({ action, resource, before, after }: ChangeObservation): string | undefined {
  return nameIn(action === 'delete' ? before : after) ?? resource.name;
}

/** Every name that an observation knows its resource by. */
export function namesOf(observation: ChangeObservation): ReadonlySet<string> {
  const { resource, before, after } = observation;
  const names = [resource.name, resource.previousName, nameIn(before), nameIn(after)];
  return new Set(names.filter((name) => name !== undefined));
}

/** What tells resources apart beside id and name. */
function isElsewhere(a: ChangeObservation | InForceObservation, b: ChangeObservation): boolean {
  return a.resource.kind !== b.resource.kind || a.environment !== b.environment;
}

/** The same resource: by id, or by a common name where one of the two has no id. */
export function sameResource(a: ChangeObservation, b: ChangeObservation): boolean {
  if (isElsewhere(a, b)) return false;
  if (a.resource.id !== undefined && b.resource.id !== undefined) return a.resource.id === b.resource.id;
  const names = namesOf(a);
  const others = namesOf(b);
  if (names.size === 0 && others.size === 0) return true;
  return [...names].some((name) => others.has(name));
}

/** Whether an observation is told of the resource of a change. */
export function concerns(told: ChangeObservation | InForceObservation, change: ChangeObservation): boolean {
  if (isElsewhere(told, change)) return false;
  const { resource } = told;
  if (resource.id !== undefined && change.resource.id !== undefined) return resource.id === change.resource.id;
  const names = namesOf(change);
  return resource.name === undefined ? names.size === 0 : names.has(resource.name);
}

/** A total order that owes nothing to arrival: by time, then by id. */
export function byTime(a: ChangeObservation, b: ChangeObservation): number {
  const [aFrom, aTo] = intervalOf(a);
  const [bFrom, bTo] = intervalOf(b);
  return aTo - bTo || aFrom - bFrom || compareText(a.observationId, b.observationId);
}

/** By code units, in every locale the same. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
