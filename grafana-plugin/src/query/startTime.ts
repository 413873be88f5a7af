import { dateTimeParse } from '@grafana/data';
import { QueryFailure } from '../api/queryFailure';

/** Epoch milliseconds since 2001 and until 2286. */
const MILLIS = /^\d{12,13}$/;
/** A time with its zone, which no other is asked for. */
const WITH_ZONE = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/;
const WRITTEN = /^(now\b|\d{4}-\d\d-\d\d[ T]\d\d:\d\d)/;

/**
 * When the trouble began, as a person or a variable says it: epoch milliseconds (`$__from`), `2026-11-26 04:58`, the same
 * in ISO 8601, or `now-10m`.
 *
 * @param timeZone of times that name none
 * @returns epoch milliseconds, nothing for no text
 * @throws QueryFailure for what is no time
 */
export function startTimeOf(typed: string, timeZone: string): number | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  if (MILLIS.test(text)) return Number(text);
  const time = WITH_ZONE.test(text)
    ? Date.parse(text)
    : WRITTEN.test(text)
      ? dateTimeParse(text.replace('T', ' '), { timeZone }).valueOf()
      : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new QueryFailure(
    `The start is “${text.slice(0, 60)}”, which is no time. Write it as 2026-11-26 04:58, as milliseconds, or as now-10m.`,
  );
}
