import type { GatewayRequest } from '@aisix-observability/evidence';
import type { HrTime } from '@opentelemetry/api';

/** Milliseconds since the epoch with fractions: start and end. */
export type Interval = readonly [start: number, end: number];

/** Where the spans of a request lie; every child inside its parent. */
export interface SpanTimes {
  readonly server: Interval;
  /** First attempt's start to last attempt's end; absent without attempts. */
  readonly logical?: Interval;
  /** In the order of the request's attempts. */
  readonly attempts: readonly Interval[];
}

/** Latest time that fits the wire's 64 bits of nanoseconds (the year 2554). */
export const LATEST_MILLIS = 18_446_744_073_709;

/**
 * Clamps the request into what the wire can hold and attempts into the request. No recorded request needs either; a
 * backend that draws a tree must not depend on that.
 */
export function spanTimes(request: Pick<GatewayRequest, 'startTime' | 'endTime' | 'attempts'>): SpanTimes {
  const server = within(request.startTime, request.endTime, 0, LATEST_MILLIS);
  const [from, to] = server;
  let first = to;
  let last = from;
  const attempts = request.attempts.map((attempt) => {
    const interval = within(attempt.startTime, attempt.endTime, from, to);
    if (interval[0] < first) first = interval[0];
    if (interval[1] > last) last = interval[1];
    return interval;
  });
  return attempts.length === 0 ? { server, attempts } : { server, logical: [first, last], attempts };
}

function within(start: number, end: number, from: number, to: number): Interval {
  const clamped = clamp(start, from, to);
  return [clamped, clamp(end, clamped, to)];
}

function clamp(value: number, from: number, to: number): number {
  return value > from ? Math.min(value, to) : from;
}

/**
 * Seconds and nanoseconds of a time in milliseconds.
 *
 * Exact to the nearest nanosecond (a double holds times of this century to 0.24 µs), and monotonic: an earlier time
 * never gives a later result.
 */
export function toHrTime(millis: number): HrTime {
  const seconds = Math.floor(millis / 1000);
  const nanos = Math.round((millis - seconds * 1000) * 1_000_000);
  return nanos === 1_000_000_000 ? [seconds + 1, 0] : [seconds, nanos];
}

/** Time between two results of {@link toHrTime}. */
export function hrDuration([fromSeconds, fromNanos]: HrTime, [toSeconds, toNanos]: HrTime): HrTime {
  const nanos = toNanos - fromNanos;
  return nanos < 0 ? [toSeconds - fromSeconds - 1, nanos + 1_000_000_000] : [toSeconds - fromSeconds, nanos];
}
