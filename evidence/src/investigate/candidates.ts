import { type Codes, coded, maskOf } from './codes.ts';
import { type Evidence, type KnownChange, touchedBy } from './evidence.ts';
import type { FoundIncident, FoundSymptom } from './foundIncident.ts';
import type { Weights } from './mechanism.ts';
import type { Candidate } from './model.ts';
import { noEffectReason } from './noEffect.ts';
import { nameOf } from './sentences.ts';
import { CALLER_FAMILIES, FAMILIES, type Family, OUTAGE_FAMILIES } from './signatures.ts';
import { callerCodes } from './troubleCounts.ts';

/** Something that may have caused an incident. */
export interface Possible {
  readonly kind: Candidate['kind'];
  readonly id: string;
  readonly name: string;
  /** When it began to count; troubles without a change begin with the incident. Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly weights: Weights;
  readonly prior: number;
  /** Of a change. */
  readonly known?: KnownChange;
  /** Of a provider: the models that may reach it. */
  readonly models?: ReadonlySet<string>;
}

/** Troubles that need no change are rarer than changes that go wrong, right after a change. */
const NO_CHANGE_PRIOR = -3;

const weigh = (families: Iterable<Family>, inside: number, outside: number): Weights =>
  Object.fromEntries([
    ...[...FAMILIES, 'slow', 'vanished', 'target_mix'].map((family) => [family, outside]),
    ...[...families].map((family) => [family, inside]),
  ]);

const PROVIDER_WEIGHTS: Weights = { ...weigh(OUTAGE_FAMILIES, 1, 0.02), provider_auth: 0.1, provider_refusal: 0.1 };
const CALLER_WEIGHTS: Weights = { ...weigh(CALLER_FAMILIES, 1, 0.02), vanished: 1 };
const ANYTHING_WEIGHTS: Weights = weigh([], 1, 0.3);

function changeCandidates(evidence: Evidence, { start, end }: FoundIncident, until: number): Possible[] {
  const { historyMillis } = evidence.parameters;
  // What came when it was over has nothing to do with it.
  const last = Math.min(until, end ?? until);
  return evidence.changes
    .filter(({ time }) => time.from <= last && time.to >= start - historyMillis)
    .filter((known) => noEffectReason(evidence, known) === undefined && known.touch !== undefined)
    .map((known) => ({
      kind: 'change',
      id: known.change.id,
      name: nameOf(known.change),
      from: known.time.from,
      to: known.time.to,
      weights: known.mechanism.worse,
      prior: 0,
      known,
    }));
}

/** Provider keys that the symptoms' models lead to, with the direct models on each. */
function providerCandidates(evidence: Evidence, { start, symptoms }: FoundIncident): Possible[] {
  const graph = evidence.graphAt(start);
  const models = new Set(symptoms.flatMap((symptom) => [...symptom.models]));
  const ends = models.size === 0 ? [...graph.models.keys()] : [...models].flatMap((name) => [...graph.endsOf(name)]);
  const keys = [...new Set(ends.map((end) => graph.models.get(end)?.providerKeyId).filter((id) => id !== undefined))];
  return keys.sort().map((id) => ({
    kind: 'provider',
    id,
    name: graph.entry('provider_key', id)?.name ?? id,
    from: start,
    to: start,
    weights: PROVIDER_WEIGHTS,
    prior: NO_CHANGE_PRIOR,
    models: graph.reaching(graph.onProviderKey(id)),
  }));
}

/** Callers that have most failures of a symptom. */
const MOST_CALLERS = 5;

function callerCandidates(evidence: Evidence, { start, symptoms }: FoundIncident): Possible[] {
  const keys = [...new Set(symptoms.flatMap((symptom: FoundSymptom) => [...symptom.keys]))]
    .sort()
    .slice(0, MOST_CALLERS);
  const graph = evidence.graphAt(start);
  return keys.map((key) => ({
    kind: 'caller',
    id: key,
    name: graph.entry('api_key', key)?.name ?? key,
    from: start,
    to: start,
    weights: CALLER_WEIGHTS,
    prior: NO_CHANGE_PRIOR,
  }));
}

/** By combination: 1 where its value is in a set. */
function marksOf(codes: Codes, set: ReadonlySet<string>): Uint8Array {
  const mask = maskOf(codes, set);
  const marks = new Uint8Array(codes.code.length);
  for (let number = 0; number < marks.length; number++) marks[number] = mask[codes.code[number] ?? 0] ?? 0;
  return marks;
}

/** By combination: 1 where a candidate touches it. */
export function touchedByCause(evidence: Evidence, { known, kind, id, models }: Possible): Uint8Array {
  if (known !== undefined) return touchedBy(evidence, known);
  if (kind === 'no_change') return new Uint8Array(evidence.combinations.length).fill(1);
  if (kind === 'caller') return marksOf(callerCodes(evidence), new Set([id]));
  return marksOf(coded(evidence, 'requestedModel'), models ?? new Set());
}

/** Everything that may have caused an incident: changes first, then what needs none. */
export function possibleCauses(evidence: Evidence, incident: FoundIncident, until: number): readonly Possible[] {
  return [
    ...changeCandidates(evidence, incident, until),
    ...providerCandidates(evidence, incident),
    ...callerCandidates(evidence, incident),
    {
      kind: 'no_change',
      id: 'no_change',
      name: 'no change explains it',
      from: incident.start,
      to: incident.start,
      weights: ANYTHING_WEIGHTS,
      prior: NO_CHANGE_PRIOR,
    },
  ];
}
