/** Two-sided 95 % quantile of the normal distribution. */
const Z = 1.959964;

/** Wilson's 95 % interval of a share: `bad` of `count`, without correction for continuity. Nothing counted says nothing. */
export function wilson(bad: number, count: number): { readonly low: number; readonly high: number } {
  if (count === 0) return { low: 0, high: 1 };
  const share = bad / count;
  const shrunk = 1 + Z ** 2 / count;
  const middle = (share + Z ** 2 / (2 * count)) / shrunk;
  const half = (Z / shrunk) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
