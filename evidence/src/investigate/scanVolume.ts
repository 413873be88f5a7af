import { poissonAtMost } from './likelihood.ts';
import { LEAST_USUAL_BINS, WINDOWS } from './scan.ts';

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
