import type { Possible } from './candidates.ts';
import type { SymptomCells } from './cells.ts';
import { type Evidence, firstAt } from './evidence.ts';
import type { FoundSymptom } from './foundIncident.ts';
import type { Counts } from './model.ts';
import { DELAY_MILLIS, mayBeDelayed, patienceOf } from './patience.ts';
import type { Family } from './signatures.ts';
import { dispersionOf } from './statistics.ts';
import { symptomRows } from './symptomRows.ts';

/** What a candidate explains of a symptom. */
export interface Explained {
  /** Log-likelihood ratio inside of what it touches, less what it leaves unexplained outside. */
  readonly nats: number;
  /** Share of bad ones among what it touches, after it. */
  readonly share: number;
  /** Share of bad ones among what it touches that was usual. */
  readonly usual: number;
  /** Touched requests between it and the start of the symptom. */
  readonly between: Counts;
}

interface Sum {
  bad: number;
  total: number;
}

/** How much better its own share explains the counts than the usual one, in nats. */
function gainOf({ bad, total }: Sum, usual: number): number {
  if (total === 0 || bad / total <= usual) return 0;
  const share = Math.min(0.999, bad / total);
  return bad * Math.log(share / usual) + (total - bad) * Math.log((1 - share) / (1 - usual));
}

const usualOf = ({ bad, total }: Sum): number => (bad + 0.5) / (total + 1);

/** Index of the first slice that begins at `time` or later. */
function sliceAt(borders: readonly number[], slices: number, time: number): number {
  let slice = 0;
  while (slice < slices && (borders[slice] ?? 0) < time) slice++;
  return slice;
}

/** Adds up what a candidate touches and what it does not, before and after. */
export function explained(
  cells: SymptomCells,
  symptom: FoundSymptom,
  cause: Possible,
  touched: Uint8Array,
  clustering: number,
): Explained {
  const { borders, slices, total, bad, present } = cells;
  const empty = (): Sum => ({ bad: 0, total: 0 });
  const [usualIn, usualOut, afterIn, afterOut, between] = [empty(), empty(), empty(), empty(), empty()];
  const add = (sum: Sum, number: number, from: number, to: number): void => {
    if (to <= from) return;
    const high = number * slices + to - 1;
    const low = number * slices + from - 1;
    sum.total += (total[high] ?? 0) - (from === 0 ? 0 : (total[low] ?? 0));
    sum.bad += (bad[high] ?? 0) - (from === 0 ? 0 : (bad[low] ?? 0));
  };
  const start = sliceAt(borders, slices, symptom.start);
  // A change inside the incident explains nothing of what was before it.
  const after = Math.max(start, sliceAt(borders, slices, Math.min(cause.to, Math.max(symptom.start, cause.from))));
  const since = Math.min(start, sliceAt(borders, slices, cause.to));
  for (const { number, sample } of present) {
    if (touched[sample] === 1) {
      add(usualIn, number, 0, start);
      add(between, number, since, start);
      add(afterOut, number, start, after);
      add(afterIn, number, after, slices);
    } else {
      add(usualOut, number, 0, start);
      add(afterOut, number, start, slices);
    }
  }
  const nats = gainOf(afterIn, usualOf(usualIn)) - gainOf(afterOut, usualOf(usualOut));
  return {
    nats: Math.max(0, nats) / clustering,
    share: afterIn.total === 0 ? 0 : afterIn.bad / afterIn.total,
    usual: usualOf(usualIn),
    between,
  };
}

/** What a delay costs at most where projection may have taken its time (nats). */
const MOST_DELAY_COST = 1;

/**
 * How badly the start of the incident fits a change, in nats: so many well requests between them, given how many fail
 * since.
 */
export function misfitOf(
  counted: readonly { readonly family: Family; readonly clustering: number; readonly callers: Callers }[],
  own: readonly Explained[],
  { to, known }: Possible,
  start: number,
  isQuoted: boolean,
): number {
  if (to >= start) return 0;
  const misfits = own.map(({ between, share, usual }, place) => {
    const one = counted[place];
    if (share <= usual || one === undefined || known === undefined) return 0;
    const { family, clustering, callers } = one;
    if (start - to <= patienceOf(known, family)) return 0;
    // Had it begun with the change, more of these would have failed.
    const high = Math.min(0.999, share);
    const well = between.total - between.bad;
    const nats = between.bad * Math.log(high / usual) + well * Math.log((1 - high) / (1 - usual));
    const misfit = Math.max(0, -nats) / clustering;
    if (isQuoted) return Math.min(MOST_DELAY_COST, misfit);
    const isDelay = start - to <= DELAY_MILLIS && mayBeDelayed(known, family, callers.count, callers.largest);
    return isDelay ? Math.min(MOST_DELAY_COST, misfit) : misfit;
  });
  return Math.max(0, ...misfits);
}

/** Callers among the failures of a symptom. */
export interface Callers {
  readonly count: number;
  /** Share of the one with most. */
  readonly largest: number;
}

export function callersIn(evidence: Evidence, { badOf }: SymptomCells): Callers {
  const counts = new Map<string, number>();
  let all = 0;
  for (let combination = 0; combination < badOf.length; combination++) {
    const own = badOf[combination] ?? 0;
    if (own === 0) continue;
    const { shape } = evidence.combinations[combination] ?? {};
    const caller = shape?.apiKeyId ?? shape?.apiKeyName ?? '';
    counts.set(caller, (counts.get(caller) ?? 0) + own);
    all += own;
  }
  return {
    count: counts.size,
    largest: all === 0 ? 1 : [...counts.values()].reduce((most, own) => Math.max(most, own), 0) / all,
  };
}

const STEPS = 20;

/** How much the symptom's failures clustered before it began. */
export function clusteringIn(evidence: Evidence, symptom: FoundSymptom, from: number): number {
  const { window, combination } = evidence;
  const { failing, isBad } = symptomRows(evidence, symptom);
  const total = new Float64Array(STEPS);
  const bad = new Float64Array(STEPS);
  const length = Math.max(1, symptom.start - from);
  const end = firstAt(window, symptom.start);
  for (let row = firstAt(window, from); row < end; row++) {
    const step = Math.min(STEPS - 1, Math.floor((((window.startTime[row] ?? 0) - from) / length) * STEPS));
    total[step] = (total[step] ?? 0) + 1;
    if (failing[combination[row] ?? 0] === 1 && isBad(row)) bad[step] = (bad[step] ?? 0) + 1;
  }
  return dispersionOf(bad, total);
}
