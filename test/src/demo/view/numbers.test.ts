import { describe, expect, it } from 'vitest';
import { showClock, showCount, showDuration, showElapsed, showRate, showShortCount } from './numbers.ts';

describe('numbers', () => {
  it.each([
    [-3, '0.0 ms'],
    [0.42, '0.4 ms'],
    [9.96, '10 ms'],
    [87.4, '87 ms'],
    [999.6, '1.00 s'],
    [1_240, '1.24 s'],
    [61_500, '61.5 s'],
    [120_000, '120 s'],
    [900_000, '15 min'],
  ])('shows a duration of %d ms as %s, in at most seven columns', (ms, text) => {
    expect(showDuration(ms)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(7);
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1_180, '1.2k'],
    [27_400, '27k'],
    [999_600, '1.0M'],
    [4_100_000, '4.1M'],
  ])('shows %d tokens as %s', (count, text) => {
    expect(showShortCount(count)).toBe(text);
  });

  it('shows counts, rates and times', () => {
    expect(showCount(12_827)).toBe('12,827');
    expect(showRate(5.24)).toBe('5.2');
    expect(showRate(1_203.7)).toBe('1,204');
    expect(showElapsed(725_900)).toBe('12:05');
    expect(showClock(new Date(2026, 10, 23, 4, 5, 6).getTime())).toBe('04:05:06');
  });
});
