import { type Possible, possibleCauses } from './candidates.ts';
import type { Evidence } from './evidence.ts';
import { candidateSentence } from './incidentSentences.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Candidate, Incident, ScoreParts, Verdict } from './model.ts';
import { weighChange } from './weighChange.ts';

/** A change this much after the start cannot be the cause any more. */
const LATER_MILLIS = 60_000;
const LAG_MILLIS = 600_000;
const MOST_LAG = 8;
const LEAST_WEIGHT = 0.02;

/** What was found on a change by itself stands in for what the incident does not show, in nats. */
const BY_VERDICT: Readonly<Record<Verdict, number>> = {
  suspect: 4,
  provider_outage: 1,
  undecided: -1,
  improves: -5,
  cleared: -6,
  no_mechanism: -6,
  no_effect: -10,
};

function partsOf(evidence: Evidence, cause: Possible, start: number, until: number): ScoreParts {
  const { known, prior, from, to, weights } = cause;
  const verdict = known === undefined ? undefined : weighChange(evidence, known.change, until).verdict;
  const strongest = Math.max(LEAST_WEIGHT, ...Object.values(weights));
  const isLater = from > start + LATER_MILLIS;
  return {
    strength: verdict === undefined ? 0 : BY_VERDICT[verdict],
    onset: 0,
    lag: isLater ? -3 - (from - start) / 120_000 : -Math.min(MOST_LAG, Math.max(0, start - to) / LAG_MILLIS),
    mechanism: Math.log(strongest),
    echo: 0,
    prior,
  };
}

/** What is said when nothing stands out at the time that a person names: the changes by what they did themselves. */
export function withoutSymptoms(evidence: Evidence, start: number, until: number): Incident {
  const causes = possibleCauses(evidence, { start, symptoms: [] }, until).filter(
    ({ kind }) => kind === 'change' || kind === 'no_change',
  );
  const scored = causes.map((cause) => ({ cause, parts: partsOf(evidence, cause, start, until) }));
  const totals = scored.map(({ parts }) => Object.values(parts).reduce((sum, part) => sum + part, 0));
  const top = Math.max(...totals);
  const mass = totals.reduce((sum, total) => sum + Math.exp(total - top), 0);
  const candidates = scored
    .map(({ cause, parts }, index): Candidate => {
      const later = cause.kind === 'change' && cause.from > start + LATER_MILLIS;
      const bystander = cause.kind === 'change' && (later || Math.exp(parts.mechanism) < LEAST_MECHANISM);
      return {
        kind: cause.kind,
        id: cause.id,
        name: cause.name,
        score: totals[index] ?? 0,
        relative: Math.exp((totals[index] ?? 0) - top) / mass,
        parts,
        sentence: candidateSentence(cause, parts, { later, bystander }),
        bystander,
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  return {
    start,
    symptoms: [],
    bad: 0,
    total: 0,
    candidates,
    sentence: 'No failures stand out at this time; the changes before it are ordered by what they did themselves.',
  };
}
