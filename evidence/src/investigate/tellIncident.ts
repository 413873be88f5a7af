import { type Evidence, firstAt } from './evidence.ts';
import type { FoundIncident, FoundSymptom } from './foundIncident.ts';
import { type Scored, score } from './incidentScore.ts';
import { candidateSentence, incidentSentence } from './incidentSentences.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Candidate, Incident, ScoreParts, Symptom } from './model.ts';
import { symptomRows } from './symptomRows.ts';

const sumOf = (parts: ScoreParts): number => Object.values(parts).reduce((sum, part) => sum + part, 0);

/**
 * Candidates as they are told, best first.
 *
 * @param alone Each is judged by what it did by itself, and not by an incident.
 */
export function toldCandidates(scored: readonly Scored[], alone = false): Candidate[] {
  const totals = scored.map(({ parts }) => sumOf(parts));
  const top = Math.max(...totals);
  const mass = totals.reduce((sum, total) => sum + Math.exp(total - top), 0);
  return scored
    .map(({ cause, parts, weight, later }, index): Candidate => {
      const total = totals[index] ?? 0;
      const bystander = cause.kind === 'change' && (later || weight < LEAST_MECHANISM);
      return {
        kind: cause.kind,
        id: cause.id,
        name: cause.name,
        score: total,
        relative: Math.exp(total - top) / mass,
        parts,
        sentence: candidateSentence(cause, parts, { later, bystander, alone }),
        bystander,
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

function toldSymptom(evidence: Evidence, symptom: FoundSymptom, until: number): Symptom {
  const signature = evidence.signatures.signatures[symptom.signature ?? -1];
  const { isBad, eligible, failing } = symptomRows(evidence, symptom);
  const end = Math.min(symptom.end ?? until, until);
  const last = firstAt(evidence.window, end);
  let [bad, total] = [0, 0];
  const models = new Set(symptom.models);
  const apiKeyIds = new Set(symptom.keys);
  for (let row = firstAt(evidence.window, symptom.start); row < last; row++) {
    const number = evidence.combination[row] ?? 0;
    if (eligible[number] === 1) total++;
    if (failing[number] !== 1 || !isBad(row)) continue;
    bad++;
    const { shape } = evidence.combinations[number] ?? {};
    if (shape?.requestedModel !== undefined && symptom.models.size === 0) models.add(shape.requestedModel);
    if (shape?.apiKeyId !== undefined && symptom.keys.size === 0) apiKeyIds.add(shape.apiKeyId);
  }
  const label = signature?.label ?? (symptom.kind === 'slow' ? 'slower than usual' : 'requests that stayed away');
  const missing = symptom.kind === 'vanished';
  return {
    kind: symptom.kind,
    ...(signature?.errorClass !== undefined && { errorClass: signature.errorClass }),
    ...(signature?.status !== undefined && { status: signature.status }),
    ...(signature !== undefined && { outcome: signature.outcome }),
    label: symptom.kind === 'attempt' ? `attempts with ${label}` : label,
    start: symptom.start,
    end,
    bad: missing ? symptom.bad : bad,
    total: missing ? symptom.total : total,
    models: [...models].sort(),
    apiKeyIds: [...apiKeyIds].sort(),
  };
}

/**
 * An incident with everything that is told of it, as of `until`.
 *
 * @param over When its failures stopped, where no scan found its end; it is told, and scores do not know of it.
 */
export function tell(evidence: Evidence, incident: FoundIncident, until: number, over?: number): Incident {
  evidence.input.goOn?.();
  const symptoms = incident.symptoms.map((symptom) => toldSymptom(evidence, symptom, over ?? until));
  const end = incident.end ?? over;
  const candidates = toldCandidates(score(evidence, incident, until));
  const told = {
    start: incident.start,
    ...(end !== undefined && { end }),
    symptoms,
    bad: symptoms.reduce((sum, { bad }) => sum + bad, 0),
    total: Math.max(0, ...symptoms.map(({ total }) => total)),
    candidates,
  };
  return { ...told, sentence: incidentSentence(told) };
}
