import { type Evidence, eachTouchedBy } from './evidence.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import { touches } from './touch.ts';
import { anyTouched } from './touchedCombinations.ts';
import { callerCodes } from './troubleCounts.ts';

/** Steps by which the start of an absence may be off. */
const ABSENCE_STEPS = 6;

/**
 * Whether a change of that time could have shut a caller out. Callers stop by themselves all the time, and a silent one
 * cannot tell why.
 */
export function couldSilence(evidence: Evidence, key: string, start: number): boolean {
  const off = ABSENCE_STEPS * evidence.parameters.stepMillis;
  const near = evidence.changes.filter(
    ({ time, mechanism }) =>
      (mechanism.worse.vanished ?? 0) >= LEAST_MECHANISM && time.from <= start + off && time.to >= start - off,
  );
  if (near.length === 0) return false;
  return evidence.combinations.some(
    ({ shape, result }) =>
      (shape.apiKeyId ?? shape.apiKeyName) === key &&
      near.some(({ touch }) => touch !== undefined && touches(touch, shape, result)),
  );
}

/** Caller keys that some change might have shut out. */
export function keysSilenced(evidence: Evidence): ReadonlySet<string> {
  const able = evidence.changes.filter(({ mechanism }) => (mechanism.worse.vanished ?? 0) >= LEAST_MECHANISM);
  const touched = anyTouched(evidence, eachTouchedBy(evidence, able));
  const { code, values } = callerCodes(evidence);
  const silenced = new Uint8Array(values.length);
  for (let number = 0; number < touched.length; number++) {
    if (touched[number] === 1) silenced[code[number] ?? 0] = 1;
  }
  return new Set(values.filter((key, place) => key !== undefined && silenced[place] === 1) as string[]);
}
