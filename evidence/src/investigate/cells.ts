import { type Evidence, firstAt } from './evidence.ts';
import type { FoundSymptom } from './incidents.ts';
import { symptomRows } from './symptomRows.ts';

/**
 * Requests and bad ones of a symptom by combination and slice of time: every candidate is weighed by adding up some of
 * these, so that fifty candidates cost one pass.
 */
export interface SymptomCells {
  /** Ascending borders of the slices, epoch milliseconds. */
  readonly borders: readonly number[];
  /** Up to and with a slice: `[combination * slices + slice]`. */
  readonly total: Uint32Array;
  readonly bad: Uint32Array;
  readonly slices: number;
  /** Numbers of combinations that occur, to leave out the empty ones. */
  readonly present: readonly number[];
  /** The first bad request in the symptom's time. */
  readonly firstBad: number;
}

/** Counts between borders; what lies outside the first and the last is left out. */
export function countCells(evidence: Evidence, symptom: FoundSymptom, borders: readonly number[]): SymptomCells {
  const { window, combination, combinations } = evidence;
  const { eligible, isBad } = symptomRows(evidence, symptom);
  const slices = Math.max(0, borders.length - 1);
  const total = new Uint32Array(combinations.length * slices);
  const bad = new Uint32Array(combinations.length * slices);
  const seen = new Uint8Array(combinations.length);
  let firstBad = Number.POSITIVE_INFINITY;
  for (let slice = 0; slice < slices; slice++) {
    const end = firstAt(window, borders[slice + 1] ?? 0);
    for (let row = firstAt(window, borders[slice] ?? 0); row < end; row++) {
      const number = combination[row] ?? 0;
      if (eligible[number] === 0) continue;
      seen[number] = 1;
      const cell = number * slices + slice;
      total[cell] = (total[cell] ?? 0) + 1;
      if (!isBad(row)) continue;
      bad[cell] = (bad[cell] ?? 0) + 1;
      const at = window.startTime[row] ?? 0;
      if (at >= symptom.start && at < firstBad) firstBad = at;
    }
  }
  const present = [...seen.keys()].filter((number) => seen[number] === 1);
  for (const number of present) {
    for (let cell = number * slices + 1; cell < (number + 1) * slices; cell++) {
      total[cell] = (total[cell] ?? 0) + (total[cell - 1] ?? 0);
      bad[cell] = (bad[cell] ?? 0) + (bad[cell - 1] ?? 0);
    }
  }
  return {
    borders,
    total,
    bad,
    slices,
    present,
    firstBad: Number.isFinite(firstBad) ? firstBad : symptom.start,
  };
}
