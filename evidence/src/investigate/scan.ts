import { bestLogLikelihood, logLikelihoodAt, poissonAtMost } from './likelihood.ts';
import { dispersionOf } from './statistics.ts';

/** A rise in one series: bins `[start, end)`; `end` is absent while it lasts. */
export interface Rise {
  readonly start: number;
  readonly end?: number;
  readonly bad: number;
  readonly total: number;
  /** Share before it. */
  readonly usual: number;
  /** How much better "it rose" explains the counts than "it did not", in nats, divided by the clustering. */
  readonly nats: number;
}

/** What has to be seen before a rise is told. */
export interface ScanLimits {
  /** Bins that make up what is usual. */
  readonly usualBins: number;
  readonly leastBad: number;
  /** Least rise of the share, in points. */
  readonly leastPoints: number;
  readonly leastNats: number;
  /** Least share, whatever is usual. */
  readonly leastShare: number;
}

/** Lengths in bins over which a rise is looked for: sharp ones at once, faint ones when they have lasted. */
const WINDOWS = [1, 2, 4, 8, 16, 32, 60];
/** Lengths over which its end is looked for. */
const END_WINDOWS = [2, 4, 8, 16, 32];
/** How sure the end of a rise is, in nats. */
const END_NATS = 6;
/** Fewer bins say nothing about what is usual. */
const LEAST_USUAL_BINS = 6;

/** A rise that comes back this soon has not been over. */
const MERGED_BINS = 3;

function joined(a: Rise, b: Rise): Rise {
  return {
    start: a.start,
    ...(b.end !== undefined && { end: b.end }),
    bad: a.bad + b.bad,
    total: a.total + b.total,
    usual: a.usual,
    nats: Math.max(a.nats, b.nats),
  };
}

/** How much better its own share explains the counts than the usual one, in nats. */
function gainOver(bad: number, total: number, usual: number): number {
  if (total === 0 || bad / total <= usual) return 0;
  return bestLogLikelihood(bad, total) - logLikelihoodAt(bad, total, usual);
}

function gain(bad: number, total: number, usualBad: number, usualTotal: number): number {
  return (
    bestLogLikelihood(bad, total) +
    bestLogLikelihood(usualBad, usualTotal) -
    bestLogLikelihood(bad + usualBad, total + usualTotal)
  );
}

/** Prefix sums, one longer than the values. */
function sumsOf(values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let place = 0; place < values.length; place++) sums[place + 1] = (sums[place] ?? 0) + (values[place] ?? 0);
  return sums;
}

/**
 * Finds rises of a share of failures. What is usual is learned from the bins outside of rises only, so that an
 * incident of an hour does not become usual.
 */
export function scanShare(bad: ArrayLike<number>, total: ArrayLike<number>, limits: ScanLimits): Rise[] {
  const rises: Rise[] = [];
  // Prefix sums over the bins that belong to no rise.
  const cleanBins = new Uint32Array(total.length);
  const cleanBad = new Float64Array(total.length + 1);
  const cleanTotal = new Float64Array(total.length + 1);
  let size = 0;
  const push = (bin: number): void => {
    cleanBins[size] = bin;
    cleanBad[size + 1] = (cleanBad[size] ?? 0) + (bad[bin] ?? 0);
    cleanTotal[size + 1] = (cleanTotal[size] ?? 0) + (total[bin] ?? 0);
    size++;
  };
  const between = (sums: ArrayLike<number>, from: number, to: number): number => (sums[to] ?? 0) - (sums[from] ?? 0);
  // Most series never rise.
  let sums: { readonly bad: Float64Array; readonly total: Float64Array } | undefined;

  function alarmAt():
    | { readonly length: number; readonly nats: number; readonly usual: number; readonly clustering: number }
    | undefined {
    let found:
      | { readonly length: number; readonly nats: number; readonly usual: number; readonly clustering: number }
      | undefined;
    for (const length of WINDOWS) {
      const from = size - length;
      if (from < LEAST_USUAL_BINS) break;
      const usualFrom = Math.max(0, from - limits.usualBins);
      const [b, n] = [between(cleanBad, from, size), between(cleanTotal, from, size)];
      const [ub, un] = [between(cleanBad, usualFrom, from), between(cleanTotal, usualFrom, from)];
      if (b < limits.leastBad || b / n < limits.leastShare) continue;
      if (b / n - ub / Math.max(1, un) < limits.leastPoints) continue;
      const raw = gain(b, n, ub, un);
      if (raw < limits.leastNats || (found !== undefined && raw < found.nats)) continue;
      const usualBins = cleanBins.subarray(usualFrom, from);
      const clustering = dispersionOf(
        Float64Array.from(usualBins, (bin) => bad[bin] ?? 0),
        Float64Array.from(usualBins, (bin) => total[bin] ?? 0),
      );
      const nats = raw / clustering;
      if (nats >= limits.leastNats && (found === undefined || nats > found.nats)) {
        found = { length, nats, usual: (ub + 0.5) / (un + 1), clustering };
      }
    }
    return found;
  }

  function endOf(
    start: number,
    now: number,
    usual: number,
    { bad: badSums, total: totalSums }: { readonly bad: Float64Array; readonly total: Float64Array },
  ): number | undefined {
    for (const length of END_WINDOWS) {
      const from = now - length + 1;
      if (from <= start) break;
      const insideTotal = between(totalSums, start, from);
      if (insideTotal === 0) continue;
      const trailing = between(badSums, from, now + 1);
      const trailingTotal = between(totalSums, from, now + 1);
      const high = Math.min(0.999, (between(badSums, start, from) + 0.5) / (insideTotal + 1));
      const low = Math.min(high / 2, usual + 0.1 * high);
      const nats = trailing * Math.log(low / high) + (trailingTotal - trailing) * Math.log((1 - low) / (1 - high));
      if (nats > END_NATS) return from;
    }
    return undefined;
  }

  const bins = total.length;
  for (let bin = 0; bin < bins; bin++) {
    push(bin);
    // A rise is only noticed when another failure comes.
    if ((bad[bin] ?? 0) === 0) continue;
    const alarm = alarmAt();
    if (alarm === undefined) continue;
    sums ??= { bad: sumsOf(bad), total: sumsOf(total) };
    const start = bin - alarm.length + 1;
    // A bin of a long window without failures at its beginning belongs to what was usual.
    let first = start;
    while (first < bin && (bad[first] ?? 0) === 0) first++;
    let end: number | undefined;
    let now = bin + 1;
    for (; now < bins && end === undefined; now++) end = endOf(first, now, alarm.usual, sums);
    const inBad = between(sums.bad, first, end ?? bins);
    const inTotal = between(sums.total, first, end ?? bins);
    const rise: Rise = {
      start: first,
      ...(end !== undefined && { end }),
      bad: inBad,
      total: inTotal,
      usual: alarm.usual,
      // How strong it became, not how strong it was when it was noticed.
      nats: Math.max(alarm.nats, gainOver(inBad, inTotal, alarm.usual) / alarm.clustering),
    };
    const last = rises.at(-1);
    if (last?.end !== undefined && first - last.end <= MERGED_BINS) rises[rises.length - 1] = joined(last, rise);
    else rises.push(rise);
    size = Math.max(0, size - alarm.length);
    if (end === undefined) return rises;
    for (let one = end; one < now; one++) push(one);
    bin = now - 1;
  }
  return rises;
}

/** Of a series of counts: a time in which most of them stayed away. */
export interface Absence {
  readonly start: number;
  readonly end?: number;
  readonly seen: number;
  readonly expected: number;
}

const LEAST_EXPECTED = 12;
/** Callers are only looked at when a change may have shut them out, so this need not be small. */
const ABSENCE_PROBABILITY = 1e-4;

/**
 * Finds times in which less than half of the requests came that were to be expected by what came before and by what
 * all others did.
 */
export function scanVolume(own: ArrayLike<number>, all: ArrayLike<number>, usualBins: number): Absence[] {
  const absences: Absence[] = [];
  const bins = own.length;
  const ownSum = new Float64Array(bins + 1);
  const restSum = new Float64Array(bins + 1);
  for (let bin = 0; bin < bins; bin++) {
    ownSum[bin + 1] = (ownSum[bin] ?? 0) + (own[bin] ?? 0);
    restSum[bin + 1] = (restSum[bin] ?? 0) + (all[bin] ?? 0) - (own[bin] ?? 0);
  }
  const between = (sums: Float64Array, from: number, to: number): number => (sums[to] ?? 0) - (sums[from] ?? 0);
  const expectedIn = (from: number, to: number, usualFrom: number): number => {
    const rest = between(restSum, usualFrom, from);
    const ratio = rest < LEAST_EXPECTED ? (to - from) / (from - usualFrom) : between(restSum, from, to) / rest;
    return between(ownSum, usualFrom, from) * Math.min(ratio, (2 * (to - from)) / (from - usualFrom));
  };
  let floor = 0;
  for (let bin = 0; bin < bins; bin++) {
    for (const length of WINDOWS) {
      const from = bin - length + 1;
      const usualFrom = Math.max(floor, from - usualBins);
      if (from - usualFrom < LEAST_USUAL_BINS * 2) break;
      const expected = expectedIn(from, bin + 1, usualFrom);
      const seen = between(ownSum, from, bin + 1);
      if (expected < LEAST_EXPECTED || seen >= expected / 2) continue;
      const counts = Array.from({ length: from - usualFrom }, (_, index) => own[usualFrom + index] ?? 0);
      const mean = counts.reduce((sum, one) => sum + one, 0) / counts.length;
      const clustering = Math.max(
        1,
        counts.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, counts.length - 1) / mean,
      );
      // Callers that work by fits and starts are silent now and then.
      let least = Number.POSITIVE_INFINITY;
      for (let at = usualFrom; at + length <= from; at++) least = Math.min(least, between(ownSum, at, at + length));
      if (seen * 2 >= least) continue;
      if (poissonAtMost(seen / clustering, expected / clustering) > ABSENCE_PROBABILITY) continue;
      const perBin = expected / length;
      let end = bin + 1;
      while (end < bins && (own[end] ?? 0) < perBin / 2) end++;
      absences.push({
        start: from,
        ...(end < bins && { end }),
        seen: between(ownSum, from, end),
        expected: perBin * (end - from),
      });
      if (end >= bins) return absences;
      floor = end;
      bin = end;
      break;
    }
  }
  return absences;
}
