import { EARLIEST_TIME, MAX_AHEAD_MILLIS } from './limits.ts';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** Epoch milliseconds of an RFC 3339 time; undefined for anything else, also for a day that its month does not have. */
export function parseRfc3339(text: string): number | undefined {
  const parts = text.length <= 40 ? RFC_3339.exec(text) : null;
  if (parts === null) return undefined;
  const daysInMonth = new Date(Date.UTC(Number(parts[1]), Number(parts[2]), 0)).getUTCDate();
  if (Number(parts[3]) > daysInMonth) return undefined;
  const millis = Date.parse(text.toUpperCase());
  return Number.isNaN(millis) ? undefined : millis;
}

/** Whether a time is one that a gateway with a sane clock can have written. */
export function isPlausible(millis: number, now: number): boolean {
  return millis >= EARLIEST_TIME && millis <= now + MAX_AHEAD_MILLIS;
}
