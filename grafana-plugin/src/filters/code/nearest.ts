/** Steps of one letter by which a word may differ from what was meant: a third of it, and at least one. */
const allowed = (word: string) => Math.max(1, Math.floor(word.length / 3));

/** The known word that was probably meant; none when nothing is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const measured = known.map((candidate) => ({ candidate, distance: distanceOf(lower, candidate.toLowerCase()) }));
  const [best] = measured.sort((a, b) => a.distance - b.distance);
  if (best !== undefined && best.distance <= allowed(word)) return best.candidate;
  // `model` is far from `requestedModel` by letters.
  return lower.length < 3 ? undefined : known.find((candidate) => candidate.toLowerCase().includes(lower));
}

/** Longest word that is compared letter by letter. */
const MAX = 64;

/** Number of letters to insert, leave out, change, or swap with the next one. */
function distanceOf(a: string, b: string): number {
  if (Math.max(a.length, b.length) > MAX) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  const distance = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          distance(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          distance(i - 1, j) + 1,
          (row[j - 1] ?? 0) + 1,
          swapped ? distance(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return distance(a.length, b.length);
}
