import { type Evidence, type KnownChange, touchedBy } from './evidence.ts';
import type { FoundSymptom } from './foundIncident.ts';
import { type Family, OUTAGE_FAMILIES } from './signatures.ts';

/** Changes that may have begun an incident came into force this long before it, or this long after. */
const BEFORE_MILLIS = 300_000;
const AFTER_MILLIS = 60_000;
/** Weights below this are by-effects, which join nothing. */
const LIKELY_MECHANISM = 0.6;

/** What a provider answers, or cannot answer: what follows from one of these follows from the others, too. */
const OF_UPSTREAM: ReadonlySet<Family> = new Set<Family>([
  ...OUTAGE_FAMILIES,
  'provider_auth',
  'provider_refusal',
  'gateway_config',
]);
/** What requests meet when targets fail. */
const FOLLOWING: ReadonlySet<Family> = new Set<Family>(['slow', 'routing', 'target_mix']);

export function familyOfSymptom(evidence: Evidence, { kind, signature }: FoundSymptom): Family {
  if (kind === 'slow' || kind === 'vanished') return kind;
  return evidence.signatures.signatures[signature ?? -1]?.family ?? 'other';
}

/** Models and caller keys that a change touches. */
function touchedNames(evidence: Evidence, known: KnownChange): ReadonlySet<string> {
  return evidence.remember(`names ${known.change.id}`, () => {
    const touched = touchedBy(evidence, known);
    const names = new Set<string>();
    for (const [number, { shape, result }] of evidence.combinations.entries()) {
      if (touched[number] !== 1) continue;
      const tried = result.attempts.map(({ model }) => model);
      for (const name of [shape.requestedModel, shape.apiKeyId, shape.apiKeyName, ...tried]) {
        if (name !== undefined) names.add(name);
      }
    }
    return names;
  });
}

/**
 * Whether one cause may have brought two symptoms about: an outage, failures with what follows from them, or a change
 * of that time that can do both. A provider in trouble and a policy that got stricter are two incidents.
 */
export function mayShareCause(evidence: Evidence, a: FoundSymptom, b: FoundSymptom): boolean {
  const [left, right] = [familyOfSymptom(evidence, a), familyOfSymptom(evidence, b)];
  if (left === right) return true;
  if (OUTAGE_FAMILIES.has(left) && OUTAGE_FAMILIES.has(right)) return true;
  if (FOLLOWING.has(left) && OF_UPSTREAM.has(right)) return true;
  if (FOLLOWING.has(right) && OF_UPSTREAM.has(left)) return true;
  const start = Math.min(a.start, b.start);
  const meets = (known: KnownChange, { models, keys }: FoundSymptom): boolean => {
    const names = touchedNames(evidence, known);
    return [...models, ...keys].some((name) => names.has(name));
  };
  return evidence.changes.some(
    (known) =>
      known.time.from >= start - BEFORE_MILLIS &&
      known.time.from <= start + AFTER_MILLIS &&
      (known.mechanism.worse[left] ?? 0) >= LIKELY_MECHANISM &&
      (known.mechanism.worse[right] ?? 0) >= LIKELY_MECHANISM &&
      meets(known, a) &&
      meets(known, b),
  );
}
