import { isDeepStrictEqual } from 'node:util';
import type { Evidence, KnownChange } from './evidence.ts';
import type { Reason } from './model.ts';
import { sameResource } from './resourceNames.ts';

/** Audit and data plane may tell the time of a change differently by this much. */
const CLOCK_MILLIS = 2_000;

/** The value at a JSON pointer; undefined where there is none. */
function at(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (found === null || typeof found !== 'object') return undefined;
    found = Object.hasOwn(found, key) ? (found as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return found;
}

/**
 * Whether what a change sets was in force all along: it puts back what a refused document never replaced. What was first
 * seen later says nothing of the time before: it may hold the change already.
 */
function wasInForce(evidence: Evidence, { change, time }: KnownChange): boolean {
  const { paths, resource, action } = change;
  if (action !== 'update' || paths.length === 0) return false;
  const early = Math.min(time.from, change.occurredAt) - CLOCK_MILLIS;
  return [early, time.from - 1].every((moment) => {
    const entry = evidence.graphAt(moment).entry(resource.kind, resource.id);
    if (entry === undefined || (entry.since ?? moment) > moment) return false;
    return paths.every(({ path, after }) => isDeepStrictEqual(at(entry.value, path), after));
  });
}

/** Why a change had no effect at all; undefined when it may have had one. */
export function noEffectReason(evidence: Evidence, known: KnownChange): Reason | undefined {
  const { state, result } = known.change;
  if (result === 'failure') return 'refused_by_control_plane';
  if (state === 'rejected') return 'rejected_by_data_plane';
  if (state === 'superseded') return 'superseded_before_in_force';
  return wasInForce(evidence, known) ? 'equals_value_in_force' : undefined;
}

/** The next change of the same resource that came into force, by id or by name. */
export function nextOfResource(evidence: Evidence, known: KnownChange): KnownChange | undefined {
  return evidence.changes.find(
    (other) =>
      other.change.id !== known.change.id &&
      sameResource(known, other) &&
      noEffectReason(evidence, other) === undefined &&
      (other.time.from > known.time.from || (other.time.from === known.time.from && other.change.id > known.change.id)),
  );
}

/** Whether another change of the same resource came within the same moment. */
export function hasTwin(evidence: Evidence, known: KnownChange): boolean {
  return evidence.changes.some(
    (other) =>
      other.change.id !== known.change.id &&
      sameResource(known, other) &&
      noEffectReason(evidence, other) === undefined &&
      Math.abs(other.time.from - known.time.from) < 1_000,
  );
}

/** The newest earlier change of the same resource whose values before it this one puts back. */
export function restoredChange(evidence: Evidence, known: KnownChange): KnownChange | undefined {
  const { change, time } = known;
  return evidence.changes.findLast((earlier) => {
    if (earlier.change.id === change.id || earlier.time.from >= time.from) return false;
    if (!sameResource(known, earlier)) return false;
    if (change.action === 'create') return earlier.change.action === 'delete';
    if (change.paths.length === 0) return false;
    return change.paths.every(({ path, after }) =>
      earlier.change.paths.some((one) => one.path === path && isDeepStrictEqual(one.before, after)),
    );
  });
}
