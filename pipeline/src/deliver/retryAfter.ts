import { RETRY_AFTER_CAP_MILLIS } from './limits.ts';

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that HTTP allows to send (RFC 9110, 5.6.7). */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const SECONDS = /^\d+$/;

/**
 * Milliseconds to wait by a `Retry-After` header, given as seconds or as a date; 0 for a date that has passed, never
 * more than `RETRY_AFTER_CAP_MILLIS`. Undefined when there is none or it makes no sense.
 */
export function retryAfterMillis(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (text === undefined) return undefined;
  if (SECONDS.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_CAP_MILLIS);
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  return Math.min(Math.max(at - now, 0), RETRY_AFTER_CAP_MILLIS);
}
