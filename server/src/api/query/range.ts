import { formatDuration } from '../../config/units.ts';
import { ApiError } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';

/** Seconds of our time have ten digits, milliseconds thirteen, microseconds sixteen, nanoseconds nineteen. */
const LATEST_SECONDS = 1e11;
const LATEST_MILLIS = 1e14;
const LATEST_MICROS = 1e17;

/**
 * A time in milliseconds since 1970, taken as it is.
 *
 * @throws ApiError `time_not_millis` when it can only be meant in another unit.
 */
export function checkTime(place: string, time: number): number {
  if (time > 0 && time < LATEST_SECONDS) {
    throw new ApiError(
      'time_not_millis',
      `\`${place}\` is ${time}, which looks like seconds; times are milliseconds since 1970`,
      `${Math.round(time * 1000)} would be ${isoOf(time * 1000)}`,
    );
  }
  if (time >= LATEST_MILLIS) {
    const [unit, divisor] = time < LATEST_MICROS ? ['microseconds', 1e3] : ['nanoseconds', 1e6];
    throw new ApiError(
      'time_not_millis',
      `\`${place}\` is ${time}, which looks like ${unit}; times are milliseconds since 1970`,
      time / Number(divisor) < LATEST_MILLIS
        ? `${Math.round(time / Number(divisor))} would be ${isoOf(time / Number(divisor))}`
        : undefined,
    );
  }
  return time;
}

const isoOf = (millis: number) => new Date(millis).toISOString();

/**
 * A range that one query may have.
 *
 * @throws ApiError `time_not_millis`, `range_reversed`, `range_too_long`
 */
export function checkRange({ from, to }: { readonly from: number; readonly to: number }): void {
  checkTime('from', from);
  checkTime('to', to);
  if (from >= to) {
    throw new ApiError(
      'range_reversed',
      `\`from\` (${from}) is not before \`to\` (${to})`,
      from > to ? 'exchange them' : 'a range of no length holds nothing',
    );
  }
  const longest = API_LIMITS.rangeMillis.value;
  if (to - from > longest) {
    throw new ApiError(
      'range_too_long',
      `the range is ${formatDuration(to - from)} long, one query may have ${formatDuration(longest)}`,
      'ask for it piece by piece, or use the command `export`',
    );
  }
}
