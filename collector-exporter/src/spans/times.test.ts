import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleAttempt, START } from './testing/exampleRequest.ts';
import { hrDuration, LATEST_MILLIS, spanTimes, toHrTime } from './times.ts';

describe('toHrTime', () => {
  it.each([
    [0, [0, 0]],
    [0.000_001, [0, 1]],
    [999.999_999_9, [1, 0]],
    [1_795_415_437_123, [1_795_415_437, 123_000_000]],
    [1_795_415_437_123.25, [1_795_415_437, 123_250_000]],
    [LATEST_MILLIS, [18_446_744_073, 709_000_000]],
  ])('%d ms', (millis, expected) => {
    expect(toHrTime(millis)).toEqual(expected);
  });

  it('keeps the order of any two times, and their distance', () => {
    const time = fc.double({ min: 0, max: LATEST_MILLIS, noNaN: true });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];
        const nanos = ([seconds, rest]: readonly [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);
        const [from, to] = [toHrTime(earlier), toHrTime(later)];
        expect(nanos(to)).toBeGreaterThanOrEqual(nanos(from));
        expect(nanos(hrDuration(from, to) as [number, number])).toBe(nanos(to) - nanos(from));
        expect(from[1]).toBeLessThan(1_000_000_000);
      }),
    );
  });
});

describe('spanTimes', () => {
  const request = (startTime: number, endTime: number, attempts: [number, number][]) =>
    spanTimes({
      startTime,
      endTime,
      attempts: attempts.map(([from, to]) => exampleAttempt({ startTime: from, endTime: to })),
    });

  it('spans the call from the first start to the last end, in whatever order the attempts stand', () => {
    const times = request(START, START + 100, [
      [START + 40, START + 60],
      [START + 10, START + 30],
    ]);
    expect(times.logical).toEqual([START + 10, START + 60]);
  });

  it('clamps what reaches beyond its parent, and an end before its start', () => {
    expect(
      request(100, 200, [
        [50, 250],
        [300, 400],
        [180, 120],
      ]),
    ).toEqual({
      server: [100, 200],
      logical: [100, 200],
      attempts: [
        [100, 200],
        [200, 200],
        [180, 180],
      ],
    });
    expect(request(200, 100, []).server).toEqual([200, 200]);
  });

  it('stays within what the wire can hold', () => {
    expect(request(-5, Number.MAX_VALUE, []).server).toEqual([0, LATEST_MILLIS]);
    expect(request(Number.NaN, Number.NaN, []).server).toEqual([0, 0]);
  });

  it('has no call without attempts', () => {
    expect(request(1, 2, []).logical).toBeUndefined();
  });
});
