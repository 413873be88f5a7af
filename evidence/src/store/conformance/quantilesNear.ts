import { expect } from 'vitest';
import type { RequestField } from '../fields.ts';
import type { SeriesAnswer } from '../query.ts';
import { DAY_MILLIS } from './arbitraryRequest.ts';

export type Row = Readonly<Record<string, unknown>> & { readonly startTime: number; readonly durationMs: number };

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99, ttft_p95: 0.95 } as const;

/** Every quantile of the answer is at most 5 % (or 1 ms) away from the two rows that it lies between; buckets are days. */
export function expectQuantilesNear(answer: SeriesAnswer, rows: readonly Row[], fields: readonly RequestField[]): void {
  const labelOf = (row: Row) =>
    JSON.stringify(fields.flatMap((field) => (row[field] === undefined ? [] : [[field, String(row[field])]])));
  let compared = 0;
  for (const { labels, measure, values } of answer.series) {
    if (measure === undefined || measure === 'count') continue;
    const label = JSON.stringify(fields.flatMap((field) => (field in labels ? [[field, labels[field]]] : [])));
    const field = measure === 'ttft_p95' ? 'ttftMs' : 'durationMs';
    values.forEach((value, at) => {
      const start = answer.buckets[at] ?? 0;
      const inside = rows
        .filter((row) => row.startTime >= start && row.startTime < start + DAY_MILLIS && labelOf(row) === label)
        .flatMap((row) => (row[field] === undefined ? [] : [row[field] as number]))
        .toSorted((a, b) => a - b);
      if (inside.length === 0) {
        expect(value).toBeNull();
        return;
      }
      const rank = (inside.length - 1) * QUANTILES[measure as keyof typeof QUANTILES];
      const [low, high] = [inside[Math.floor(rank)] as number, inside[Math.ceil(rank)] as number];
      expect(value).toBeGreaterThanOrEqual(low - Math.max(1, low * 0.05));
      expect(value).toBeLessThanOrEqual(high + Math.max(1, high * 0.05));
      compared += 1;
    });
  }
  expect(compared).toBeGreaterThan(10);
}
