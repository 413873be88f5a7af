import { bestLogLikelihood, logLikelihoodAt } from './likelihood.ts';
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
export const WINDOWS = [1, 2, 4, 8, 16, 32, 60];
/** Lengths over which its end is looked for. */
const END_WINDOWS = [2, 4, 8, 16, 32];
/** How sure the end of a rise is, in nats. */
const END_NATS = 6;
/** Fewer bins say nothing about what is usual. */
export const LEAST_USUAL_BINS = 6;

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

/** Room for prefix sums, which thousands of series use one after the other. */
export interface ScanRoom {
  readonly bins: Uint32Array;
  readonly bad: Float64Array;
  readonly total: Float64Array;
}

export const scanRoom = (bins: number): ScanRoom => ({
  bins: new Uint32Array(bins),
  bad: new Float64Array(bins + 1),
  total: new Float64Array(bins + 1),
});

/**
 * Finds rises of a share of failures. What is usual is learned from the bins outside of rises only, so that an
 * incident of an hour does not become usual.
 */
export function scanShare(
  bad: ArrayLike<number>,
  total: ArrayLike<number>,
  limits: ScanLimits,
  room = scanRoom(total.length),
): Rise[] {
  const rises: Rise[] = [];
  // Prefix sums over the bins that belong to no rise; what lies beyond them is left of another series.
  const { bins: cleanBins, bad: cleanBad, total: cleanTotal } = room;
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
      const b = (cleanBad[size] ?? 0) - (cleanBad[from] ?? 0);
      if (b < limits.leastBad) continue;
      const n = (cleanTotal[size] ?? 0) - (cleanTotal[from] ?? 0);
      if (b / n < limits.leastShare) continue;
      const ub = (cleanBad[from] ?? 0) - (cleanBad[usualFrom] ?? 0);
      const un = (cleanTotal[from] ?? 0) - (cleanTotal[usualFrom] ?? 0);
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
