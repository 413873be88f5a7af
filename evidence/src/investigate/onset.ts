import { bestLogLikelihood } from './likelihood.ts';
import { TOLERANCE_MILLIS } from './patience.ts';

/** Requests that a change touches, in order of their start, with a yes or no each. */
export interface Sequence {
  /** Milliseconds after the change, ascending; negative before it. */
  readonly since: Float64Array;
  readonly bad: Uint8Array;
}

/** How badly the beginning of the trouble fits the change, in nats; 0 is a perfect fit. */
export interface Onset {
  /** How unlikely it is that so many requests after the change were still well. */
  readonly late: number;
  /** How much better another moment explains it. */
  readonly elsewhere: number;
  /** That moment, in milliseconds after the change. */
  readonly best: number;
  /** How far from the change the trouble may as well have begun, in milliseconds: how sharp its start is. */
  readonly spread: number;
}

export const PERFECT_ONSET: Onset = { late: 0, elsewhere: 0, best: 0, spread: 0 };

/** Moments that explain it nearly as well as the best one (a likelihood ratio of 20). */
const AS_GOOD_NATS = 3;

interface Split {
  readonly place: number;
  readonly gain: number;
}

/**
 * Where the share of bad ones rose.
 *
 * @param clustering What the gains are divided by: failures that cluster say less.
 * @param patience How long after the change it may begin, in milliseconds.
 */
export function onsetOf({ since, bad }: Sequence, clustering: number, patience: number): Onset {
  const length = since.length;
  const sums = new Float64Array(length + 1);
  for (let place = 0; place < length; place++) sums[place + 1] = (sums[place] ?? 0) + (bad[place] ?? 0);
  const all = sums[length] ?? 0;
  const none = bestLogLikelihood(all, length);
  const gainAt = (place: number): number => {
    const left = sums[place] ?? 0;
    const right = all - left;
    // Only rises count: a fall is the end of something else.
    if (place > 0 && left / place >= right / (length - place)) return 0;
    return bestLogLikelihood(left, place) + bestLogLikelihood(right, length - place) - none;
  };
  let best: Split = { place: 0, gain: Number.NEGATIVE_INFINITY };
  let here: Split = { place: length, gain: Number.NEGATIVE_INFINITY };
  let change = length;
  const splits: Split[] = [];
  for (let place = 1; place < length; place++) {
    const at = since[place] ?? 0;
    if (at >= 0 && place < change) change = place;
    // Rises only begin at a bad one.
    if (bad[place] !== 1 && place !== change) continue;
    const split = { place, gain: gainAt(place) };
    splits.push(split);
    if (split.gain > best.gain) best = split;
    const isHere = place === change || (at >= -TOLERANCE_MILLIS && at <= patience);
    if (isHere && split.gain > here.gain) here = split;
  }
  if (change >= length) return PERFECT_ONSET;
  const bestSince = since[best.place] ?? 0;
  const from = Math.max(change, here.place);
  const badBetween = (sums[best.place] ?? 0) - (sums[from] ?? 0);
  const well = Math.max(0, best.place - from - badBetween);
  const share = Math.min(0.999, (all - (sums[best.place] ?? 0) + 0.5) / (length - best.place + 1));
  const usual = Math.min(share, ((sums[from] ?? 0) + 0.5) / (from + 1));
  // The bad ones in between speak for a start with the change, the well ones against it.
  const between = badBetween * Math.log(share / usual) + well * Math.log((1 - share) / (1 - usual));
  const late = bestSince > patience ? Math.max(0, -between) / clustering : 0;
  const asGood = splits.filter(({ gain }) => gain >= best.gain - AS_GOOD_NATS * clustering);
  const spread = Math.max(
    0,
    ...asGood.map(({ place }) => {
      const at = since[place] ?? 0;
      // Between the last well one and this one it may have begun at any time.
      return at < 0 ? -(since[place - 1] ?? at) : at;
    }),
  );
  return { late, elsewhere: Math.max(0, best.gain - here.gain) / clustering, best: bestSince, spread };
}
