import type { Impact, Indicator } from './answers.ts';
import { type Possible, possibleCauses } from './candidates.ts';
import { type Evidence, firstAt, type KnownChange } from './evidence.ts';
import { LATER_MILLIS, type Scored } from './incidentScore.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Incident, ScoreParts, Verdict } from './model.ts';
import type { Family } from './signatures.ts';
import { HARMFUL } from './targetMix.ts';
import { toldCandidates } from './tellIncident.ts';
import { weighChange } from './weighChange.ts';

const LAG_MILLIS = 600_000;
const MOST_LAG = 8;
const LEAST_WEIGHT = 0.02;
/** Log-odds beyond this add nothing. */
const MOST_EVIDENCE = 4;

/** What was found on a change by itself stands in for what no incident shows, in nats; else the log-odds decide. */
const BY_VERDICT: Readonly<Partial<Record<Verdict, number>>> = {
  suspect: MOST_EVIDENCE,
  improves: -5,
  cleared: -6,
  no_mechanism: -6,
  no_effect: -10,
};

function familyOf({ signatures }: Evidence, { kind, errorClass, status }: Indicator): Family {
  if (kind === 'slow' || kind === 'vanished' || kind === 'target_mix') return kind;
  const known = signatures.signatures.find((one) => one.errorClass === errorClass && one.status === status);
  return known?.family ?? 'other';
}

/** What two ways of trouble have in common when they are one: tries that fail like their requests are no others. */
const wayOf = ({ kind, errorClass = '', status = 0 }: Pick<Indicator, 'kind' | 'errorClass' | 'status'>): string =>
  `${kind === 'attempt' ? 'outcome' : kind} ${errorClass} ${status}`;

/** The indicator that got worse most surely, of those that the change can move and that are not told already. */
function worstOf(
  evidence: Evidence,
  { mechanism }: KnownChange,
  { indicators }: Impact,
  told: ReadonlySet<string>,
): Indicator | undefined {
  return indicators
    .filter((one) => !told.has(wayOf(one)))
    .filter((one) => (mechanism.worse[familyOf(evidence, one)] ?? 0) >= LEAST_MECHANISM)
    .filter(({ kind, ratio = 1 }) => kind !== 'target_mix' || ratio >= HARMFUL)
    .toSorted((a, b) => b.probabilityWorse - a.probabilityWorse)[0];
}

function logOdds(probability: number): number {
  const odds = Math.log(probability / (1 - probability));
  return Math.min(MOST_EVIDENCE, Math.max(-MOST_EVIDENCE, odds));
}

function partsOf(
  evidence: Evidence,
  cause: Possible,
  start: number,
  until: number,
  told: ReadonlySet<string>,
): ScoreParts {
  const { known, prior, from, to, weights } = cause;
  const impact = known === undefined ? undefined : weighChange(evidence, known.change, until);
  const worst = known === undefined || impact === undefined ? undefined : worstOf(evidence, known, impact, told);
  const strongest = Math.max(LEAST_WEIGHT, ...Object.values(weights));
  const isLater = from > start + LATER_MILLIS;
  return {
    strength: impact === undefined ? 0 : (BY_VERDICT[impact.verdict] ?? logOdds(worst?.probabilityWorse ?? 0)),
    onset: worst === undefined ? 0 : -Math.min(MOST_EVIDENCE, Math.max(worst.late, worst.elsewhere)),
    lag: isLater ? -3 - (from - start) / 120_000 : -Math.min(MOST_LAG, Math.max(0, start - to) / LAG_MILLIS),
    mechanism: Math.log(strongest),
    echo: 0,
    prior,
  };
}

const NOTHING = 'No failures stand out at this time; the changes before it are ordered by what each did by itself.';
const NO_REQUESTS =
  'No requests are known around this time, so nothing can be said about it; the changes before it are ordered by their time.';
/** Requests this near to a time tell of it. */
const AROUND_MILLIS = 120_000;
const UNNAMED = 'Other changes near this time, ordered by what each did by itself.';

/** Which changes are listed beside incidents: those that none of them names first. */
export interface Beside {
  readonly incidents: readonly Incident[];
  readonly changes: ReadonlySet<KnownChange>;
}

/**
 * Changes by what they did themselves, for a time that a person names: all of the hour before where no failures stand
 * out, else those `beside` the incidents. What an incident tells of already is no evidence for a second cause.
 */
export function withoutSymptoms(
  evidence: Evidence,
  start: number,
  until: number,
  beside?: Beside,
): readonly Incident[] {
  const causes = possibleCauses(evidence, { start, symptoms: [] }, until).filter(
    ({ kind, known }) =>
      kind === 'no_change' || (known !== undefined && (beside === undefined || beside.changes.has(known))),
  );
  if (beside !== undefined && causes.length === 1) return [];
  const told = new Set(beside?.incidents.flatMap(({ symptoms }) => symptoms.map(wayOf)));
  const scored = causes.map((cause): Scored => {
    const own = partsOf(evidence, cause, start, until, told);
    // Where incidents are found nothing else needs to have happened.
    const isEnough = cause.kind === 'no_change' && (beside?.incidents.length ?? 0) > 0;
    const parts = isEnough ? { ...own, mechanism: 0, prior: 0 } : own;
    const later = cause.kind === 'change' && cause.from > start + LATER_MILLIS;
    return { cause, parts, weight: Math.exp(parts.mechanism), later };
  });
  const { window } = evidence;
  const isKnown = firstAt(window, start + AROUND_MILLIS) > firstAt(window, start - AROUND_MILLIS);
  const sentence = beside !== undefined ? UNNAMED : isKnown ? NOTHING : NO_REQUESTS;
  return [{ start, symptoms: [], bad: 0, total: 0, candidates: toldCandidates(scored, true), sentence }];
}
