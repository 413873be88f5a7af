import { mayShareCause } from './commonCause.ts';
import type { Evidence } from './evidence.ts';
import { type Fates, fatesIn, sharing, sharingFates } from './fates.ts';
import type { FoundIncident, FoundSymptom } from './foundIncident.ts';
import type { IncidentFilter } from './model.ts';
import { CALLER_FAMILIES } from './signatures.ts';
import { findTroubles, type Trouble } from './symptoms.ts';

/** What begins within so many steps of each other may be one. */
const TOGETHER_STEPS = 9;
/** One or two failures are no incident. */
const LEAST_BAD = 3;
/** Callers that have this share of the failures are what it is about. */
const CALLERS_SHARE = 0.8;

const endOf = ({ end }: { readonly end?: number }): number => end ?? Number.POSITIVE_INFINITY;

function overlaps(
  a: { readonly start: number; readonly end?: number },
  b: { readonly start: number; readonly end?: number },
): boolean {
  return a.start < endOf(b) && b.start < endOf(a);
}

/** Joins items that are linked, directly or through others. */
function connected<Item>(items: readonly Item[], linked: (a: Item, b: Item) => boolean): Item[][] {
  const groups: Item[][] = [];
  for (const item of items) {
    const [first = [], ...others] = groups.filter((group) => group.some((one) => linked(one, item)));
    for (const group of [first, ...others]) {
      const place = groups.indexOf(group);
      if (place >= 0) groups.splice(place, 1);
    }
    for (const one of [...others.flat(), item]) first.push(one);
    groups.push(first);
  }
  return groups;
}

function widest(troubles: readonly Trouble[]): { readonly start: number; readonly end?: number } {
  // One by one: there may be more than a call takes arguments.
  const start = troubles.reduce((least, one) => Math.min(least, one.start), Number.POSITIVE_INFINITY);
  const end = troubles.reduce((most, one) => Math.max(most, endOf(one)), Number.NEGATIVE_INFINITY);
  return { start, ...(Number.isFinite(end) && { end }) };
}

const countsOf = (troubles: readonly Trouble[]) => ({
  bad: badIn(troubles),
  total: troubles.reduce((sum, { total }) => sum + total, 0),
});

const badIn = (troubles: readonly Trouble[]): number => troubles.reduce((sum, { bad }) => sum + bad, 0);

/**
 * Callers on whom the failures concentrate more than the traffic does: the fewest that have four fifths of them, if
 * they have less than half of the requests of the models in trouble.
 */
function concentratedOn(byKey: readonly Trouble[], byModel: readonly Trouble[]): readonly Trouble[] {
  if (byModel.length === 0) return byKey;
  const all = Math.max(badIn(byKey), badIn(byModel));
  const callers = new Map<string, Trouble[]>();
  let bad = 0;
  for (const trouble of byKey.toSorted((a, b) => b.bad - a.bad || (a.of < b.of ? -1 : 1))) {
    if (bad >= CALLERS_SHARE * all && !callers.has(trouble.of)) break;
    bad += trouble.bad;
    callers.set(trouble.of, [...(callers.get(trouble.of) ?? []), trouble]);
  }
  const chosen = [...callers.values()].flat();
  if (bad < CALLERS_SHARE * all) return [];
  // What these callers ask for fails far more often for them than for all.
  const share =
    bad /
    Math.max(
      1,
      chosen.reduce((sum, { total }) => sum + total, 0),
    );
  const usual =
    badIn(byModel) /
    Math.max(
      1,
      byModel.reduce((sum, { total }) => sum + total, 0),
    );
  return share > 1.5 * usual || (byModel.length > 1 && callers.size === 1) ? chosen : [];
}

/**
 * Troubles of one kind and signature that overlap, as symptoms: by callers; else by models that have a provider key or
 * a group in common; refusals by policies, which know no providers, as one.
 */
function symptomsOf(evidence: Evidence, fates: Fates, troubles: readonly Trouble[]): FoundSymptom[] {
  const byKey = troubles.filter(({ by }) => by === 'key');
  const byModel = troubles.filter(({ by }) => by === 'model');
  const [first] = troubles;
  if (first === undefined) return [];
  const base = { kind: first.kind, ...(first.signature !== undefined && { signature: first.signature }) };
  const strongest = (list: readonly Trouble[]): number => list.reduce((most, { nats }) => Math.max(most, nats), 0);
  const family = evidence.signatures.signatures[first.signature ?? -1]?.family;
  const isPolicy = family !== undefined && CALLER_FAMILIES.has(family) && family !== 'provider_refusal';
  const callers = concentratedOn(byKey, byModel);
  if (callers.length > 0) {
    return connected(callers, (a, b) => a.of === b.of).map((own) => ({
      ...base,
      ...widest(own),
      models: new Set<string>(),
      keys: new Set(own.map(({ of }) => of)),
      ...countsOf(own),
      nats: strongest(own),
    }));
  }
  return (isPolicy ? [byModel] : sharingFates(byModel, ({ of }) => fates(of))).map((own) => ({
    ...base,
    ...widest(own),
    models: new Set(own.map(({ of }) => of)),
    keys: new Set<string>(),
    ...countsOf(own),
    nats: strongest(own),
  }));
}

/** Whether an attempt's symptom only repeats how its requests ended. */
function isRepetition(symptom: FoundSymptom, all: readonly FoundSymptom[]): boolean {
  if (symptom.kind !== 'attempt') return false;
  return all.some(
    (other) =>
      other.kind === 'outcome' &&
      other.signature === symptom.signature &&
      overlaps(other, symptom) &&
      [...symptom.models].some((model) => other.models.has(model)),
  );
}

/**
 * Incidents of the window with what was known at `until` (epoch milliseconds), by their start. Symptoms are one
 * incident only if they begin together, share a resource, and may have one cause.
 */
export function findIncidents(
  evidence: Evidence,
  until: number,
  filter?: IncidentFilter,
  sensitive = false,
): readonly FoundIncident[] {
  const troubles = findTroubles(evidence, until, filter, sensitive);
  const near = TOGETHER_STEPS * evidence.parameters.stepMillis;
  const fates = fatesIn(evidence.graphAt(until));
  const kinds = Map.groupBy(troubles, ({ kind, signature }) => `${kind} ${signature ?? ''}`);
  const all = [...kinds.values()].flatMap((same) =>
    connected(same, (a, b) => overlaps(a, b) && (Math.abs(a.start - b.start) <= near || a.of === b.of)).flatMap(
      (together) => symptomsOf(evidence, fates, together),
    ),
  );
  const symptoms = all.filter((symptom) => !isRepetition(symptom, all) && symptom.bad >= LEAST_BAD);
  // Slowness and failed tries follow from failures, also while these end.
  const follows = (a: FoundSymptom, b: FoundSymptom): boolean =>
    (b.kind === 'slow' || b.kind === 'attempt') && b.start >= a.start && b.start <= endOf(a) + near / 2;
  const shareResource = sharing(fates, symptoms);
  const groups = connected(
    symptoms,
    (a, b) =>
      ((Math.abs(a.start - b.start) <= near && overlaps(a, b)) || follows(a, b) || follows(b, a)) &&
      shareResource(a, b) &&
      mayShareCause(evidence, a, b),
  );
  return groups
    .map((own) => {
      const start = Math.min(...own.map((one) => one.start));
      const end = Math.max(...own.map(endOf));
      return {
        start,
        ...(Number.isFinite(end) && { end }),
        symptoms: own.toSorted((a, b) => b.nats - a.nats || a.start - b.start),
      };
    })
    .toSorted((a, b) => a.start - b.start);
}
