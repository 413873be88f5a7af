import { MARGINS } from './failures.ts';
import { delayedOnsetFor, echoFor, fits, onsetFor } from './findings.ts';
import { fixesFor } from './fixes.ts';
import { hasCauseOfRouting, hiddenFailures, isHarm, neededFor } from './harm.ts';
import { laysOpen } from './laidOpen.ts';
import type { Seen } from './measure.ts';
import { type Measured, tell } from './measured.ts';
import { LEAST_MECHANISM } from './mechanism.ts';
import type { Indicator, Look, Reason, Verdict } from './model.ts';
import { restoredChange } from './noEffect.ts';
import { type Onset, PERFECT_ONSET } from './onset.ts';
import { couldBeOutage, rivalReason } from './separation.ts';
import type { Sight } from './sight.ts';
import { HARMFUL } from './targetMix.ts';
import { isGone } from './vanished.ts';

/** What one look decides. */
export interface Assessment {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly look: Look;
  readonly seen: Seen;
  /** Strongest first. */
  readonly indicators: readonly Indicator[];
}

/** Fewer requests before say nothing about what is usual; fewer after nothing about the change. */
export const LEAST_BEFORE = 20;
export const LEAST_AFTER = 8;
/** Requests after a change without which it cannot be cleared. */
export const LEAST_TO_CLEAR = 200;
export const SURE_OF_SAME = 0.95;
/** A new class this soon and this often is no chance, whatever the tables say. */
const COINCIDENCE_SHARE = 0.5;

interface Judged {
  readonly measured: Measured;
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly onset: Onset;
  readonly echo?: string;
}

const SUSPICION: Readonly<Record<Measured['kind'], Reason>> = {
  outcome: 'worse_than_expected',
  attempt: 'worse_than_expected',
  slow: 'slower_than_expected',
  vanished: 'traffic_vanished',
  target_mix: 'targets_shifted_slower',
};

function judgeWorse(sight: Sight, seen: Seen, look: Look, place: number, measured: Measured): Judged {
  const { evidence, known, tally, before, looks } = sight;
  const { ablations } = evidence.parameters;
  const onset = ablations.onset ? onsetFor(sight, measured, before.spans, place, true) : PERFECT_ONSET;
  const afterMillis = looks[place] ?? 0;
  if (measured.mechanismWorse < LEAST_MECHANISM) {
    const { after } = measured.cells;
    const isStrong = measured.isNew && fits(onset) && onset.late < 1 && after.bad / after.total >= COINCIDENCE_SHARE;
    const knowsOther =
      known.mechanism.unknown || Object.values(known.mechanism.worse).some((weight) => weight >= LEAST_MECHANISM);
    if (isStrong && knowsOther)
      return { measured, verdict: 'undecided', reason: 'coincidence_without_mechanism', onset };
    return { measured, verdict: 'no_mechanism', reason: 'moved_without_mechanism', onset };
  }
  if (measured.family === 'routing' && !hasCauseOfRouting(seen, measured)) {
    return { measured, verdict: 'undecided', reason: 'coincidence_without_mechanism', onset };
  }
  const echo = echoFor(sight, measured, place);
  const isMarked =
    echo !== undefined || laysOpen(sight, seen, measured, sight.evidence.parameters.looks.at(-1)?.probability ?? 1);
  const delayed = fits(onset) ? undefined : delayedOnsetFor(sight, measured, before.spans, place, isMarked);
  const fitting = delayed !== undefined && fits(delayed) ? delayed : onset;
  const judged = { measured, onset: fitting, ...(echo !== undefined && { echo }) };
  if (!fits(fitting)) return { ...judged, verdict: 'undecided', reason: 'onset_misfit' };
  const outage = couldBeOutage(evidence, known, tally, before.spans, afterMillis, {
    family: measured.family,
    hasSiblings: seen.control.name === 'siblings',
    isMarked,
    isEarly: look.early === true,
    mechanism: measured.mechanismWorse,
    spread: fitting.spread,
    badGap: afterMillis / Math.max(1, measured.cells.after.bad),
    isBad: measured.isBad,
  });
  if (outage) return { ...judged, verdict: 'provider_outage', reason: 'provider_down_alike' };
  const rival =
    echo === undefined && measured.kind !== 'vanished'
      ? rivalReason(evidence, known, tally, {
          family: measured.family,
          usual: Math.max(0.001, measured.tested.expected),
          worse: true,
          began: fitting.best,
          afterMillis,
          isBad: measured.isBad,
        })
      : undefined;
  if (rival !== undefined) return { ...judged, verdict: 'undecided', reason: rival };
  return { ...judged, verdict: 'suspect', reason: SUSPICION[measured.kind] };
}

const ORDER: readonly Verdict[] = ['suspect', 'provider_outage', 'undecided', 'improves', 'no_mechanism', 'cleared'];

const strength = ({ measured }: Judged): number => Math.abs(measured.tested.effect) * measured.cells.after.total;

/** Failures tell more than what follows from them. */
const KIND_ORDER: readonly Measured['kind'][] = ['outcome', 'vanished', 'attempt', 'target_mix', 'slow'];

function best(judged: readonly Judged[]): Judged | undefined {
  return judged.toSorted(
    (a, b) =>
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
      KIND_ORDER.indexOf(a.measured.kind) - KIND_ORDER.indexOf(b.measured.kind) ||
      strength(b) - strength(a),
  )[0];
}

/** What is said when nothing moved. */
function quiet(sight: Sight, seen: Seen, isLast: boolean): { readonly verdict: Verdict; readonly reason: Reason } {
  const { known } = sight;
  const { worse, better, unknown } = known.mechanism;
  const can = (weights: Readonly<Record<string, number>>) =>
    Object.values(weights).some((weight) => weight >= LEAST_MECHANISM);
  if (!unknown && !can(worse) && !can(better)) return { verdict: 'no_mechanism', reason: 'paths_have_no_effect' };
  const { treated, indicators, durationsIncomparable } = seen;
  if (treated.before < LEAST_BEFORE) return { verdict: 'undecided', reason: 'few_requests_before' };
  if (treated.after < LEAST_AFTER) return { verdict: 'undecided', reason: 'few_requests_after' };
  if (!isLast) return { verdict: 'undecided', reason: 'not_sure_enough' };
  if (Math.min(treated.after, seen.direct) < LEAST_TO_CLEAR) {
    return { verdict: 'undecided', reason: 'few_requests_after' };
  }
  if (unknown) return { verdict: 'undecided', reason: 'not_sure_enough' };
  const possible = indicators.filter(({ mechanismWorse }) => mechanismWorse >= LEAST_MECHANISM);
  // Failures that never came are within any margin; durations have to be compared.
  const observable = Object.entries(worse).some(
    ([family, weight]) => weight >= LEAST_MECHANISM && family !== 'slow' && family !== 'target_mix',
  );
  if (possible.length === 0 && !observable) return { verdict: 'no_mechanism', reason: 'effect_not_observable' };
  const isSame = possible.every(({ tested }) => tested.same >= SURE_OF_SAME || tested.effect < -MARGINS.points);
  const shiftsHarmlessly = possible.every(({ kind, ratio = 1 }) => kind !== 'target_mix' || ratio < HARMFUL);
  const slowUnknown = durationsIncomparable && (worse.slow ?? 0) >= LEAST_MECHANISM;
  if (isSame && shiftsHarmlessly && !slowUnknown) return { verdict: 'cleared', reason: 'within_margin' };
  return { verdict: 'undecided', reason: 'not_sure_enough' };
}

const canMove = ({ mechanismWorse, mechanismBetter }: Measured): boolean =>
  Math.max(mechanismWorse, mechanismBetter) >= LEAST_MECHANISM;

/**
 * Without tries that failed as more requests ended, where those do not speak against the change: the same failures twice
 * are no second witness.
 */
function withoutRepetitions(judged: readonly Judged[], { indicators }: Seen): readonly Judged[] {
  return judged.filter(({ measured: { kind, signature, cells } }) => {
    if (kind !== 'attempt') return true;
    const ended = indicators.find((one) => one.kind === 'outcome' && one.signature === signature);
    if (ended === undefined || ended.cells.after.bad <= cells.after.bad) return true;
    return judged.some(({ measured, verdict }) => measured === ended && verdict === 'suspect');
  });
}

/** Judges a change at one look. */
export function assess(sight: Sight, seen: Seen, look: Look, place: number, isLast: boolean): Assessment {
  const { known } = sight;
  const { treated } = seen;
  const enough = treated.before >= LEAST_BEFORE && treated.after >= LEAST_AFTER;
  const hidden = hiddenFailures(seen, look.probability);
  const restored = restoredChange(sight.evidence, known);
  const restoresSuspect = restored !== undefined && sight.wasSuspect(restored);
  const each: Judged[] = seen.indicators
    // What puts back an earlier value brings back its models and their durations: that is no new harm.
    .filter(({ kind }) => !restoresSuspect || (kind !== 'target_mix' && kind !== 'slow'))
    .filter((measured) => {
      if (hidden.includes(measured)) return true;
      if (measured.kind !== 'vanished') {
        // Failures that nobody had before need no floor of requests.
        return (
          (enough || measured.isUnheardOf === true) && isHarm(measured, neededFor(sight, seen, measured, look, place))
        );
      }
      // Nothing left to ask for needs no further proof than that nobody did.
      return measured.tested.worse >= (isGone(known) ? Math.min(look.probability, 0.99) : look.probability);
    })
    .map((measured) => judgeWorse(sight, seen, look, place, measured));
  const judged = withoutRepetitions(each, seen);
  const worst = best(judged);
  const fix = worst?.verdict === 'suspect' ? undefined : fixesFor(sight, look, place);
  const told = (list: readonly Judged[]): readonly Indicator[] =>
    list.map(({ measured, onset, echo }) =>
      tell(sight.evidence, measured, { ...onset, ...(echo !== undefined && { echo }) }),
    );
  const others = seen.indicators
    .filter((measured) => !judged.some((one) => one.measured === measured))
    .filter((measured) => canMove(measured) || Math.abs(measured.tested.effect) > MARGINS.points)
    // What it cannot move comes last, however much it moved.
    .toSorted(
      (a, b) => Number(canMove(b)) - Number(canMove(a)) || Math.abs(b.tested.effect) - Math.abs(a.tested.effect),
    )
    .map((measured) => tell(sight.evidence, measured, PERFECT_ONSET));
  if (fix !== undefined && (worst === undefined || worst.verdict === 'no_mechanism')) {
    return {
      verdict: 'improves',
      reason: fix.reason,
      look,
      seen,
      indicators: [tell(sight.evidence, fix.measured, fix.onset), ...told(judged), ...others],
    };
  }
  if (worst !== undefined) {
    const ordered = [worst, ...judged.filter((one) => one !== worst)];
    return { verdict: worst.verdict, reason: worst.reason, look, seen, indicators: [...told(ordered), ...others] };
  }
  return { ...quiet(sight, seen, isLast), look, seen, indicators: others };
}
