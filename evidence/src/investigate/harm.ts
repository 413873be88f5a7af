import { echoFor } from './findings.ts';
import { laysOpen } from './laidOpen.ts';
import type { Seen } from './measure.ts';
import type { Measured } from './measured.ts';
import { CONSEQUENCE } from './mechanism.ts';
import type { Look } from './model.ts';
import type { Sight } from './sight.ts';
import { HARMFUL } from './targetMix.ts';

const LIKELY_MECHANISM = 0.6;

/**
 * Failed attempts of a new kind that became rare because a group turned away from their target: the shift tells how
 * many there would be.
 */
export function hiddenFailures({ indicators }: Seen, probability: number): readonly Measured[] {
  if (!indicators.some(({ kind, tested }) => kind === 'target_mix' && tested.worse >= probability)) return [];
  return indicators.filter(
    ({ kind, isNew, mechanismWorse, cells: { after, controlAfter } }) =>
      (kind === 'attempt' || kind === 'outcome') &&
      isNew &&
      mechanismWorse >= LIKELY_MECHANISM &&
      // The rest has them just as well: nothing of its own.
      2 * controlAfter.bad * after.total < after.bad * controlAfter.total + after.total,
  );
}

/** Groups run out of targets because targets fail: a change of a target has to show that, too. */
export function hasCauseOfRouting({ indicators }: Seen, { mechanismWorse }: Measured): boolean {
  if (mechanismWorse > CONSEQUENCE) return true;
  return indicators.some(
    ({ kind, family, mechanismWorse: own, cells }) =>
      (kind === 'attempt' || kind === 'outcome') &&
      family !== 'routing' &&
      own >= LIKELY_MECHANISM &&
      cells.after.bad >= 2 &&
      cells.after.bad / cells.after.total > (2 * cells.before.bad) / Math.max(1, cells.before.total),
  );
}

/** Whether an indicator got worse by what a look asks for. */
export function isHarm({ kind, tested, ratio = 1 }: Measured, probability: number): boolean {
  // A shift between models harms (or helps) by what the answers cost in time, whichever model got more.
  if (kind === 'target_mix') return tested.worse >= probability && ratio >= HARMFUL;
  return tested.worse >= probability;
}

/** Failures that quote the new value, or that tries hid before, need less proof of their number. */
const MARKED = 0.9;
const LEAST_MARKED = 3;

/** How sure an indicator has to be: what carries the change's own mark needs less. */
export function neededFor(sight: Sight, seen: Seen, measured: Measured, look: Look, place: number): number {
  const { tested, cells, mechanismWorse } = measured;
  const mayNeedLess = mechanismWorse >= LIKELY_MECHANISM && tested.worse >= MARKED && cells.after.bad >= LEAST_MARKED;
  if (!mayNeedLess || tested.worse >= look.probability) return look.probability;
  const isMarked = echoFor(sight, measured, place) !== undefined || laysOpen(sight, seen, measured, look.probability);
  return isMarked ? Math.min(MARKED, look.probability) : look.probability;
}
