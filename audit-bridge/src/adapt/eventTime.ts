/** AISIX did not exist before: an older time is a broken clock. */
const EARLIEST = Date.UTC(2020, 0, 1);

/** Clocks of machines without a time server are off by minutes; a marker in the future helps nobody. */
export const MAX_AHEAD_MILLIS = 10 * 60_000;

export type EventTime =
  | { readonly at: number }
  | { readonly fault: 'invalid_time' | 'event_from_the_future'; readonly message: string };

/** Checks that a time (epoch milliseconds) is one that an event can have. */
export function plausibleTime(at: number, now: number): EventTime {
  if (!Number.isFinite(at)) return { fault: 'invalid_time', message: 'expected a time that exists' };
  if (at < EARLIEST) return { fault: 'invalid_time', message: 'expected a time from 2020 on' };
  if (at > now + MAX_AHEAD_MILLIS) {
    const seconds = Math.round((at - now) / 1000);
    return {
      fault: 'event_from_the_future',
      message: `it lies ${seconds} s ahead of the clock of this server; expected at most ${MAX_AHEAD_MILLIS / 1000} s: check both clocks`,
    };
  }
  return { at };
}

/** Reads an RFC 3339 time; NaN for a day that its month does not have, and anything else. */
export function parseRfc3339(text: string): number {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})[Tt]\d{2}:/.exec(text) ?? [];
  if (day === undefined || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate())
    return Number.NaN;
  return Date.parse(text.toUpperCase());
}
