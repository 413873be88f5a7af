import type { Random } from '../gateway/random.ts';

/** Least and most. */
export type Range = readonly [number, number];

export function between(random: Random, range: Range): number {
  // Not taken apart in the parameter list: this runs for every request.
  const least = range[0];
  return least + (range[1] - least) * random.next();
}

/** Whole number, both ends included. */
export function wholeBetween(random: Random, [least, most]: Range): number {
  return random.int(least, most);
}

/** Evenly in the logarithm, so that small values are as likely as large ones. */
export function logBetween(random: Random, [least, most]: Range): number {
  return least * (most / least) ** random.next();
}

/** Standard normal (Box–Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Number of events where `mean` are expected: exact for small means, the normal approximation for large ones. */
export function poisson(random: Random, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const floor = Math.exp(-mean);
  let product = random.next();
  let count = 0;
  while (product > floor) {
    product *= random.next();
    count++;
  }
  return count;
}

/** Logarithms of a factor that wanders around 1, one a minute. */
export function wander(random: Random, minutes: number, step: number, memory: number): Float64Array {
  const path = new Float64Array(minutes);
  let level = (normal(random) * step) / Math.sqrt(1 - memory * memory);
  for (let minute = 0; minute < minutes; minute++) {
    path[minute] = level;
    level = level * memory + normal(random) * step;
  }
  return path;
}

/** Running sums, to pick from by weight. */
export function cumulated(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let index = 0; index < weights.length; index++) {
    sum += weights[index] ?? 0;
    sums[index] = sum;
  }
  return sums;
}

/** Index by running sums; they are few, so that walking them beats a search. */
export function pickBySums(random: Random, sums: Float64Array): number {
  const at = random.next() * (sums[sums.length - 1] ?? 0);
  let index = 0;
  while (index < sums.length - 1 && at >= (sums[index] ?? 0)) index++;
  return index;
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let index = all.length - 1; index > 0; index--) {
    const other = random.int(0, index);
    [all[index], all[other]] = [all[other] as T, all[index] as T];
  }
  return all;
}
