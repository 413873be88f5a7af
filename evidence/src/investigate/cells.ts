import { type Evidence, firstAt } from './evidence.ts';
import type { FoundSymptom } from './foundIncident.ts';
import { symptomRows } from './symptomRows.ts';

/** Combinations that the same candidates touch: they are counted together, since nothing tells them apart. */
export interface Classes {
  /** By combination. */
  readonly of: Uint32Array;
  readonly count: number;
}

/**
 * Sorts combinations by who touches them. `touches`: of each candidate, by combination, 1 where it does. `before`: how
 * candidates that come first sort them.
 */
export function classesOf(combinations: number, touches: Iterable<Uint8Array>, before?: Classes): Classes {
  const of = before === undefined ? new Uint32Array(combinations) : before.of.slice();
  let count = before?.count ?? 1;
  for (const touched of touches) {
    const numbers = new Int32Array(2 * count).fill(-1);
    let next = 0;
    for (let number = 0; number < combinations; number++) {
      const split = 2 * (of[number] ?? 0) + (touched[number] ?? 0);
      let own = numbers[split] ?? -1;
      if (own < 0) {
        own = next++;
        numbers[split] = own;
      }
      of[number] = own;
    }
    count = Math.max(1, next);
  }
  return { of, count };
}

/**
 * Requests and bad ones of a symptom by class and slice of time: every candidate is weighed by adding up some of
 * these, so that fifty candidates cost one pass.
 */
export interface SymptomCells {
  /** Ascending borders of the slices, epoch milliseconds. */
  readonly borders: readonly number[];
  /** Up to and with a slice: `[class * slices + slice]`. */
  readonly total: Uint32Array;
  readonly bad: Uint32Array;
  readonly slices: number;
  /** Classes that occur, each with one of its combinations. */
  readonly present: readonly { readonly number: number; readonly sample: number }[];
  /** By combination. */
  readonly badOf: Uint32Array;
  /** The first bad request in the symptom's time. */
  readonly firstBad: number;
}

/** Counts between borders; what lies outside the first and the last is left out. */
export function countCells(
  evidence: Evidence,
  symptom: FoundSymptom,
  borders: readonly number[],
  classes: Classes,
): SymptomCells {
  const { window, combination, combinations } = evidence;
  const { eligible, isBad } = symptomRows(evidence, symptom);
  const slices = Math.max(0, borders.length - 1);
  const total = new Uint32Array(classes.count * slices);
  const bad = new Uint32Array(classes.count * slices);
  const badOf = new Uint32Array(combinations.length);
  const samples = new Map<number, number>();
  let firstBad = Number.POSITIVE_INFINITY;
  for (let slice = 0; slice < slices; slice++) {
    const end = firstAt(window, borders[slice + 1] ?? 0);
    for (let row = firstAt(window, borders[slice] ?? 0); row < end; row++) {
      const number = combination[row] ?? 0;
      if (eligible[number] === 0) continue;
      const own = classes.of[number] ?? 0;
      const cell = own * slices + slice;
      total[cell] = (total[cell] ?? 0) + 1;
      if (total[cell] === 1) samples.set(own, number);
      if (!isBad(row)) continue;
      bad[cell] = (bad[cell] ?? 0) + 1;
      badOf[number] = (badOf[number] ?? 0) + 1;
      const at = window.startTime[row] ?? 0;
      if (at >= symptom.start && at < firstBad) firstBad = at;
    }
  }
  const present = [...samples].map(([number, sample]) => ({ number, sample }));
  for (const { number } of present) {
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
    badOf,
    firstBad: Number.isFinite(firstBad) ? firstBad : symptom.start,
  };
}
