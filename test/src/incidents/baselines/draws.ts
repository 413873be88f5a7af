import type { Random } from '../../gateway/random.ts';
import { normal } from '../draw.ts';

/** Gamma with the given shape and scale 1 (Marsaglia and Tsang). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Log odds of a share of which `bad` of `total` were seen (Jeffreys), counts divided by `phi`. */
export function logOddsDraws(random: Random, bad: number, total: number, phi: number, count: number): Float64Array {
  const draws = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    draws[index] = Math.log(gamma(random, bad / phi + 0.5) / gamma(random, (total - bad) / phi + 0.5));
  }
  return draws;
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
