import type { RetryOptions } from './limits.ts';

/** Spreads a wait evenly over ± `jitter`, so that many senders do not come back in the same moment. */
export function spread(millis: number, jitter: number, random: () => number): number {
  return millis * (1 + jitter * (2 * random() - 1));
}

/** How long to wait after the n-th failure in a row (1 is the first): exponential up to a cap, then spread. */
export function backoffMillis(failures: number, retry: RetryOptions, random: () => number): number {
  const exponential = Math.min(retry.initialMillis * retry.factor ** (failures - 1), retry.maxMillis);
  return spread(exponential, retry.jitter, random);
}
