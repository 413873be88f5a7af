import { bestLogLikelihood } from './statistics.ts';

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
}

/** A time in force is not known better than this: truncated seconds, polls, work of the gateway. */
const TOLERANCE_MILLIS = 2_000;

interface Split {
  readonly place: number;
  readonly gain: number;
}

/**
 * Where the share of bad ones rose.
 *
 * @param clustering What the gains are divided by: failures that cluster say less.
 */
export function onsetOf({ since, bad }: Sequence, clustering: number): Onset {
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
  let best: Split = { place: 0, gain: -Infinity };
  let here: Split = { place: length, gain: -Infinity };
  let change = length;
  for (let place = 1; place < length; place++) {
    const at = since[place] ?? 0;
    if (at >= 0 && place < change) change = place;
    // Rises only begin at a bad one.
    if (bad[place] !== 1 && place !== change) continue;
    const gain = gainAt(place);
    if (gain > best.gain) best = { place, gain };
    const isHere = place === change || Math.abs(at) <= TOLERANCE_MILLIS;
    if (isHere && gain > here.gain) here = { place, gain };
  }
  if (change >= length) return { late: 0, elsewhere: 0, best: 0 };
  const bestSince = since[best.place] ?? 0;
  const well = Math.max(0, best.place - Math.max(change, here.place));
  const share = (all - (sums[best.place] ?? 0) + 0.5) / (length - best.place + 1);
  const late = bestSince > TOLERANCE_MILLIS ? (-well * Math.log(1 - Math.min(0.999, share))) / clustering : 0;
  return { late, elsewhere: Math.max(0, best.gain - here.gain) / clustering, best: bestSince };
}
