import { parseDuration } from '../config/units.ts';
import { EXIT } from './exitCodes.ts';
import { CommandError } from './failure.ts';

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Epoch milliseconds of `now`, `2h` (ago), `2026-11-23` or `2026-11-23T06:00:00Z` (local time without a zone).
 *
 * @throws CommandError that says which forms there are.
 */
export function parseInstant(text: string, now: number): number {
  if (text === 'now') return now;
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const millis = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis)) {
    throw new CommandError(EXIT.usage, 'a time is `now`, an age like `2h`, or a date like `2026-11-23T06:00:00Z`');
  }
  return millis;
}
