/** Probability of at most `count` where `mean` are expected (Poisson). */
export function poissonAtMost(count: number, mean: number): number {
  if (count < 0) return 0;
  if (mean <= 0) return 1;
  let term = -mean;
  let sum = Math.exp(term);
  for (let k = 1; k <= Math.floor(count); k++) {
    term += Math.log(mean / k);
    sum += Math.exp(term);
  }
  return Math.min(1, sum);
}

/** Log-likelihood of `bad` of `total` at the share that fits best. */
export function bestLogLikelihood(bad: number, total: number): number {
  if (bad <= 0 || bad >= total) return 0;
  return bad * Math.log(bad / total) + (total - bad) * Math.log(1 - bad / total);
}

/** Log-likelihood of `bad` of `total` at a given share. */
export function logLikelihoodAt(bad: number, total: number, share: number): number {
  const p = Math.min(1 - 1e-9, Math.max(1e-9, share));
  return bad * Math.log(p) + (total - bad) * Math.log(1 - p);
}
