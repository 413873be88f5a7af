/** Numbers of one cell and algorithm, by name. Adding them is all that is ever done with them. */
export type Counts = Record<string, number>;

export function addTo(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum: Counts = {};
  for (const counts of all) for (const [name, value] of Object.entries(counts)) addTo(sum, name, value);
  return sum;
}

/** Share of `part` in `whole`; undefined where there was nothing to count. */
export function shareOf(counts: Counts, part: string, whole: string): number | undefined {
  const total = counts[whole] ?? 0;
  return total === 0 ? undefined : (counts[part] ?? 0) / total;
}
