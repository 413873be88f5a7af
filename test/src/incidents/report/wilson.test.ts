import { describe, expect, test } from 'vitest';
import { binOf, RELATIVE_BINS } from '../judge/relativeBins.ts';
import { wilson } from './wilson.ts';

describe('wilson', () => {
  test('tells the interval of 10 of 20, known from tables', () => {
    const { low, high } = wilson(10, 20);
    expect(low).toBeCloseTo(0.2993, 4);
    expect(high).toBeCloseTo(0.7007, 4);
  });

  test('keeps within 0 and 1, and says nothing of nothing', () => {
    expect(wilson(0, 30)).toMatchObject({ low: 0 });
    expect(wilson(0, 30).high).toBeCloseTo(0.1135, 4);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

test('every share has its bin', () => {
  expect([0, 0.5, 0.8, 0.95, 0.99, 1].map(binOf)).toEqual([...RELATIVE_BINS, RELATIVE_BINS.at(-1)]);
});
