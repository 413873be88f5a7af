import { testCells } from './failures.ts';
import type { Seen } from './measure.ts';
import type { Measured } from './measured.ts';
import type { Counts } from './model.ts';
import type { Sight } from './sight.ts';

/** What decides whether another try hides a failure. */
const HIDING = /^\/(routing\/)?(retries|max_fallbacks|retry_on_429|fallback_on_statuses|when_all_unavailable)(\/|$)/;
/** Fewer failures say nothing about how many of them are hidden. */
const LEAST_FAILURES = 5;

/**
 * Whether a change of retries lays failures open: of the requests that met one, another try saved more before than
 * since. Failures that become more, as in an outage, leave that share as it was.
 */
export function laysOpen(
  { evidence, known }: Sight,
  { indicators }: Seen,
  { kind, signature, cells }: Measured,
  probability: number,
): boolean {
  if (kind !== 'outcome' || !known.change.paths.some(({ path }) => HIDING.test(path))) return false;
  const hidden = indicators.find((one) => one.kind === 'attempt' && one.signature === signature)?.cells;
  if (hidden === undefined) return false;
  const savedOf = (side: 'before' | 'after'): Counts => ({
    bad: hidden[side].bad,
    total: hidden[side].bad + cells[side].bad,
  });
  const saved = { before: savedOf('before'), after: savedOf('after') };
  if (Math.min(saved.before.total, saved.after.total) < LEAST_FAILURES) return false;
  const none: Counts = { bad: 0, total: 0 };
  const share = { ...saved, controlBefore: none, controlAfter: none };
  return testCells(share, 1, evidence.parameters, { same: false }).better >= probability;
}
