import { expect } from 'vitest';
import type { SeriesAnswer } from '../query.ts';

/** Sums of the same numbers in another order differ in their last digits. */
const RELATIVE_ERROR = 1e-9;

function isClose(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= RELATIVE_ERROR * Math.max(Math.abs(a), Math.abs(b), 1);
}

/** The same buckets, and the same lines in the same order. */
export function expectSameSeries(found: SeriesAnswer, expected: SeriesAnswer): void {
  expect(found.buckets).toEqual(expected.buckets);
  const heads = ({ series }: SeriesAnswer) => series.map(({ labels, measure }) => ({ labels, measure }));
  expect(heads(found)).toEqual(heads(expected));
  found.series.forEach(({ values }, line) => {
    const wanted = expected.series[line]?.values ?? [];
    const same = values.length === wanted.length && values.every((value, at) => isClose(value, wanted[at] ?? null));
    if (!same) expect(values).toEqual(wanted);
  });
}
