/** Edits (insert, delete, replace, swap of neighbours) between two short words. */
function distance(a: string, b: string): number {
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (older[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    older = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/** Longer keys than any known one are not compared: the work grows with the product of the lengths. */
const LONGEST_COMPARED = 64;

const folded = (word: string) => word.toLowerCase().replace(/[-_\s]/g, '');

/** The known word that somebody who wrote `word` most likely meant; `undefined` when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST_COMPARED) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = distance(folded(word), folded(candidate));
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  const allowed = Math.max(1, Math.floor(Math.min(word.length, 9) / 3));
  return bestDistance <= allowed ? best : undefined;
}
