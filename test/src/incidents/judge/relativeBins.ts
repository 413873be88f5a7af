/** Upper bounds of the bins by which shares of the evidence are compared with how often they were right. */
const BOUNDS = [0.5, 0.8, 0.95, 0.99];

/** Names of the bins, ascending: "below 0.5", "0.5 to 0.8", …, "0.99 and above". */
export const RELATIVE_BINS: readonly string[] = [
  `below ${BOUNDS[0]}`,
  ...BOUNDS.slice(1).map((bound, index) => `${BOUNDS[index]} to ${bound}`),
  `${BOUNDS.at(-1)} and above`,
];

/** Bin of a share between 0 and 1. */
export function binOf(relative: number): string {
  const index = BOUNDS.findIndex((bound) => relative < bound);
  return RELATIVE_BINS[index < 0 ? BOUNDS.length : index] ?? '';
}
