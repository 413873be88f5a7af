/**
 * Numbers behind the verdicts. Everything is integrated on a grid instead of drawn at random: a probability of 0.9999
 * would need a million draws to be told from 0.999, and the same input always gives the same answer.
 */

/** Where a log-odds lies: a cumulative distribution on an even grid. */
export interface LogOdds {
  readonly lowest: number;
  readonly step: number;
  /** Weight of each grid point; they add up to 1. */
  readonly weight: Float64Array;
  /** Up to and with each grid point's left half. */
  readonly cumulative: Float64Array;
}

/** A density is cut where it is below e^-28 of its peak. */
const CUT_NATS = 28;
/** Grid points per standard deviation at the peak: enough for eight digits, since the density is smooth. */
const POINTS_PER_WIDTH = 5;
/** A flat left tail (no failures, few requests) is long; beyond this nothing of it matters. */
const MAX_POINTS = 700;
/** Jeffreys' prior: half a failure and half a success. */
const PRIOR = 0.5;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const logit = (p: number): number => (p <= 0 ? -Infinity : p >= 1 ? Infinity : Math.log(p / (1 - p)));

const log1pExp = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/**
 * Log-odds of a share of which `bad` of `total` were seen: the logit of Beta(bad + ½, total − bad + ½).
 * Counts may be fractions, since they are divided by their dispersion.
 */
export function logOddsOf(bad: number, total: number): LogOdds {
  const a = bad + PRIOR;
  const b = Math.max(0, total - bad) + PRIOR;
  const peak = Math.log(a / b);
  const width = Math.sqrt(1 / a + 1 / b);
  // The tails fall like e^(aL) to the left and e^(-bL) to the right once they are far from the peak.
  const lowest = peak - Math.max(8 * width, CUT_NATS / a + 2);
  const highest = peak + Math.max(8 * width, CUT_NATS / b + 2);
  const points = Math.min(MAX_POINTS, Math.ceil(((highest - lowest) / width) * POINTS_PER_WIDTH) + 1);
  const step = (highest - lowest) / (points - 1);
  const top = a * peak - (a + b) * log1pExp(peak);
  const weight = new Float64Array(points);
  let sum = 0;
  for (let point = 0; point < points; point++) {
    const at = lowest + point * step;
    const value = Math.exp(a * at - (a + b) * log1pExp(at) - top);
    weight[point] = value;
    sum += value;
  }
  const cumulative = new Float64Array(points);
  let below = 0;
  for (let point = 0; point < points; point++) {
    const share = (weight[point] ?? 0) / sum;
    weight[point] = share;
    cumulative[point] = below + share / 2;
    below += share;
  }
  // Half a sum is off by a twelfth of the slope (Euler and Maclaurin).
  for (let point = 1; point < points - 1; point++) {
    cumulative[point] = (cumulative[point] ?? 0) - ((weight[point + 1] ?? 0) - (weight[point - 1] ?? 0)) / 24;
  }
  return { lowest, step, weight, cumulative };
}

/** Probability that the log-odds is below `x`: a cubic between grid points, whose slopes are the density. */
export function probabilityBelow({ lowest, step, weight, cumulative }: LogOdds, x: number): number {
  const place = (x - lowest) / step;
  if (!(place > 0)) return 0;
  const left = Math.floor(place);
  if (left >= cumulative.length - 1) return 1;
  const t = place - left;
  const from = cumulative[left] ?? 0;
  const rise = (cumulative[left + 1] ?? 1) - from;
  const slope = weight[left] ?? 0;
  const nextSlope = weight[left + 1] ?? 0;
  return from + t * (slope + t * (3 * rise - 2 * slope - nextSlope + t * (slope + nextSlope - 2 * rise)));
}

/** How much the rest moved meanwhile, in log-odds. */
export interface Drift {
  readonly mean: number;
  readonly deviation: number;
}

/** What the rest of the traffic may do by itself between two windows: a factor of two in odds (one deviation). */
export const DRIFT_DEVIATION = 0.7;

/**
 * The drift of a control group. With few failures its raw difference is nearly all noise, so it is shrunk towards
 * none by what such differences usually are; without a control group only that remains.
 */
export function driftOf(
  before: { readonly bad: number; readonly total: number },
  after: { readonly bad: number; readonly total: number },
  shrink = true,
): Drift {
  if (before.total === 0 || after.total === 0) return { mean: 0, deviation: DRIFT_DEVIATION };
  const difference =
    Math.log((after.bad + 0.5) / (after.total - after.bad + 0.5)) -
    Math.log((before.bad + 0.5) / (before.total - before.bad + 0.5));
  const variance =
    1 / (after.bad + 0.5) +
    1 / (after.total - after.bad + 0.5) +
    1 / (before.bad + 0.5) +
    1 / (before.total - before.bad + 0.5);
  if (!shrink) return { mean: difference, deviation: Math.sqrt(variance) };
  const kept = DRIFT_DEVIATION ** 2 / (DRIFT_DEVIATION ** 2 + variance);
  return { mean: kept * difference, deviation: Math.sqrt(kept * variance) };
}

/** Least effects that count: odds by this factor, and the share by these points. */
export interface Margins {
  readonly odds: number;
  readonly points: number;
}

const DRIFT_NODES = 17;
const DRIFT_REACH = 4.5;
/** Grid points that weigh less change nothing in the eighth digit. */
const NEGLIGIBLE = 1e-9;

interface Node {
  readonly drift: number;
  readonly weight: number;
}

function driftNodes({ mean, deviation }: Drift): readonly Node[] {
  if (deviation === 0) return [{ drift: mean, weight: 1 }];
  const nodes = Array.from({ length: DRIFT_NODES }, (_, index) => {
    const z = -DRIFT_REACH + (2 * DRIFT_REACH * index) / (DRIFT_NODES - 1);
    return { drift: mean + z * deviation, weight: Math.exp((-z * z) / 2) };
  });
  const sum = nodes.reduce((total, { weight }) => total + weight, 0);
  return nodes.map(({ drift, weight }) => ({ drift, weight: weight / sum }));
}

/** Nodes with their drift cut at zero; those that become equal are one. */
function cut(nodes: readonly Node[], side: (drift: number) => number): readonly Node[] {
  const kept = new Map<number, number>();
  for (const { drift, weight } of nodes) kept.set(side(drift), (kept.get(side(drift)) ?? 0) + weight);
  return [...kept].map(([drift, weight]) => ({ drift, weight }));
}

function average(before: LogOdds, nodes: readonly Node[], value: (expected: number) => number): number {
  let sum = 0;
  for (let point = 0; point < before.weight.length; point++) {
    const weight = before.weight[point] ?? 0;
    if (weight < NEGLIGIBLE) continue;
    const at = before.lowest + point * before.step;
    for (const node of nodes) sum += weight * node.weight * value(at + node.drift);
  }
  return sum;
}

/** Two windows of a group and how the rest moved between them. */
export interface Shift {
  readonly before: LogOdds;
  readonly after: LogOdds;
  readonly drift: Drift;
}

/**
 * Probability that a share rose beyond what the rest did, by more than both margins. The rest may excuse a change,
 * never accuse it: only its rise counts.
 */
export function probabilityWorse({ before, after, drift }: Shift, { odds, points }: Margins): number {
  const margin = Math.log(odds);
  const nodes = cut(driftNodes(drift), (d) => Math.max(0, d));
  return average(
    before,
    nodes,
    (expected) => 1 - probabilityBelow(after, Math.max(expected + margin, logit(sigmoid(expected) + points))),
  );
}

/** Probability that a share fell beyond what the rest did, by more than both margins; only the rest's fall counts. */
export function probabilityBetter({ before, after, drift }: Shift, { odds, points }: Margins): number {
  const margin = Math.log(odds);
  const nodes = cut(driftNodes(drift), (d) => Math.min(0, d));
  return average(before, nodes, (expected) =>
    probabilityBelow(after, Math.min(expected - margin, logit(sigmoid(expected) - points))),
  );
}

/** Probability that a share stayed within so many points of what was to be expected. */
export function probabilitySame({ before, after, drift }: Shift, points: number): number {
  return average(before, driftNodes(drift), (expected) => {
    const share = sigmoid(expected);
    return probabilityBelow(after, logit(share + points)) - probabilityBelow(after, logit(share - points));
  });
}

/** Mean of the share that was to be expected. */
export function expectedShare({ before, drift }: Omit<Shift, 'after'>): number {
  return average(before, driftNodes(drift), sigmoid);
}

/** Without this many requests a dispersion cannot be seen. */
const DISPERSION_LEAST = 50;
const DISPERSION_UNKNOWN = 1.5;
const DISPERSION_MOST = 10;

/**
 * How much more failures cluster than independent ones would: Pearson's χ² per degree of freedom over steps of
 * time, 1 to 10.
 */
export function dispersionOf(bad: ArrayLike<number>, total: ArrayLike<number>): number {
  let allBad = 0;
  let all = 0;
  for (let step = 0; step < total.length; step++) {
    allBad += bad[step] ?? 0;
    all += total[step] ?? 0;
  }
  if (all < DISPERSION_LEAST) return DISPERSION_UNKNOWN;
  if (allBad === 0 || allBad === all) return 1;
  const share = allBad / all;
  let chi2 = 0;
  let steps = 0;
  for (let step = 0; step < total.length; step++) {
    const requests = total[step] ?? 0;
    if (requests === 0) continue;
    chi2 += ((bad[step] ?? 0) - requests * share) ** 2 / (requests * share * (1 - share));
    steps++;
  }
  if (steps < 3) return DISPERSION_UNKNOWN;
  return Math.min(DISPERSION_MOST, Math.max(1, chi2 / (steps - 1)));
}
