import { OTHER, OTHER_TOUCHED, SIBLING, SIBLING_TOUCHED, TREATED } from './control.ts';
import { poissonAtMost } from './likelihood.ts';
import type { ComparedGroups, Counts, InvestigationParameters } from './model.ts';
import {
  dispersionOf,
  driftOf,
  expectedShare,
  logOddsOf,
  type Margins,
  probabilityBetter,
  probabilitySame,
  probabilityWorse,
} from './statistics.ts';
import type { Tally } from './tally.ts';

/** An odds ratio below this, or a rise below two points, is not worth a suspicion. */
export const MARGINS: Margins = { odds: 1.5, points: 0.02 };
/** A control group needs as many on both sides. */
export const LEAST_CONTROL = 50;

/** Groups of categories that may serve as control, the closest first. */
const CONTROLS = [
  { name: 'siblings', categories: [SIBLING] },
  { name: 'siblings', categories: [SIBLING, SIBLING_TOUCHED] },
  { name: 'others', categories: [SIBLING, OTHER] },
  { name: 'weak', categories: [SIBLING, SIBLING_TOUCHED, OTHER, OTHER_TOUCHED] },
] as const;

export interface Control {
  readonly name: ComparedGroups['control'];
  readonly categories: readonly number[];
}

function sumOver(values: Float64Array, categories: readonly number[], slots: number, from: number, to: number): number {
  let sum = 0;
  for (const category of categories) {
    for (let slot = from; slot <= to; slot++) sum += values[category * slots + slot] ?? 0;
  }
  return sum;
}

/** Requests before and after (up to a look) of some categories. */
export function requestsOf({ total, slots }: Tally, categories: readonly number[], look: number) {
  return {
    before: sumOver(total, categories, slots, 0, 0),
    after: sumOver(total, categories, slots, 1, look + 1),
  };
}

/** The closest control group that is large enough on both sides. */
export function controlOf(tally: Tally, look: number): Control {
  for (const control of CONTROLS) {
    const { before, after } = requestsOf(tally, control.categories, look);
    if (before >= LEAST_CONTROL && after >= LEAST_CONTROL) return control;
  }
  return { name: 'none', categories: [] };
}

/** Counts of one signature in the four cells. */
export interface Cells {
  readonly before: Counts;
  readonly after: Counts;
  readonly controlBefore: Counts;
  readonly controlAfter: Counts;
}

export function cellsOf(
  tally: Tally,
  which: 'ended' | 'tried',
  signature: number,
  signatures: number,
  control: Control,
  look: number,
): Cells {
  const values = tally[which];
  const badIn = (categories: readonly number[], from: number, to: number): number => {
    let sum = 0;
    for (const category of categories) {
      for (let slot = from; slot <= to; slot++) {
        sum += values[(category * tally.slots + slot) * signatures + signature] ?? 0;
      }
    }
    return sum;
  };
  const treated = requestsOf(tally, [TREATED], look);
  const rest = requestsOf(tally, control.categories, look);
  return {
    before: { bad: badIn([TREATED], 0, 0), total: treated.before },
    after: { bad: badIn([TREATED], 1, look + 1), total: treated.after },
    controlBefore: { bad: badIn(control.categories, 0, 0), total: rest.before },
    controlAfter: { bad: badIn(control.categories, 1, look + 1), total: rest.after },
  };
}

/** How much the treated failures before clustered. */
export function clusteringOf(tally: Tally, which: 'ended' | 'tried', signature: number): number {
  const byStep = which === 'ended' ? tally.endedByStep : tally.triedByStep;
  return dispersionOf(byStep.subarray(signature * tally.steps, (signature + 1) * tally.steps), tally.totalByStep);
}

/** What a comparison of the four cells says. */
export interface Tested {
  readonly expected: number;
  readonly effect: number;
  readonly worse: number;
  readonly better: number;
  /** Only where it was asked for. */
  readonly same: number;
}

const shareOf = ({ bad, total }: Counts): number => (total === 0 ? 0 : bad / total);
/** Shares that differ by less than this cannot reach the margin of two points. */
const HOPELESS_POINTS = 0.01;
/** With no failure in this many requests the share is surely below two points. */
const SURELY_FEW = 300;

/** A control group of which this is sure has moved by itself: that is no noise, and must not be shrunk away. */
const SURELY_MOVED = 0.99;

function surelyMoved(before: Counts, after: Counts): boolean {
  if (before.total === 0 || after.total === 0) return false;
  const rise = shareOf(after) - shareOf(before);
  if (Math.abs(rise) <= MARGINS.points) return false;
  const shift = {
    before: logOddsOf(before.bad, before.total),
    after: logOddsOf(after.bad, after.total),
    drift: { mean: 0, deviation: 0 },
  };
  return (rise > 0 ? probabilityWorse : probabilityBetter)(shift, MARGINS) >= SURELY_MOVED;
}

/** Compares the four cells of an indicator. */
export function testCells(
  cells: Cells,
  clustering: number,
  { ablations }: InvestigationParameters,
  asked: { readonly same: boolean; readonly points?: number },
): Tested {
  const points = asked.points ?? MARGINS.points;
  const scaled = ({ bad, total }: Counts): Counts => ({ bad: bad / clustering, total: total / clustering });
  const [before, after] = [shareOf(cells.before), shareOf(cells.after)];
  const rise = after - before;
  const hopeless = Math.min(HOPELESS_POINTS, points / 2);
  const moved = Math.abs(rise) > hopeless;
  if (!moved && !asked.same) return { expected: before, effect: rise, worse: 0, better: 0, same: 0 };
  if (cells.before.bad + cells.after.bad + cells.controlAfter.bad + cells.controlBefore.bad === 0) {
    const least = Math.min(cells.before.total, cells.after.total);
    if (least >= SURELY_FEW) return { expected: 0, effect: 0, worse: 0, better: 0, same: 1 };
  }
  const [restBefore, restAfter] = [scaled(cells.controlBefore), scaled(cells.controlAfter)];
  const shift = {
    before: logOddsOf(scaled(cells.before).bad, scaled(cells.before).total),
    after: logOddsOf(scaled(cells.after).bad, scaled(cells.after).total),
    drift: driftOf(restBefore, restAfter, ablations.shrinkControl && !surelyMoved(restBefore, restAfter)),
  };
  const margins: Margins = { odds: MARGINS.odds, points };
  const expected = moved ? expectedShare(shift) : before;
  return {
    expected,
    effect: after - expected,
    worse: rise > hopeless ? probabilityWorse(shift, margins) : 0,
    better: rise < -hopeless ? probabilityBetter(shift, margins) : 0,
    same: asked.same ? probabilitySame(shift, points) : 0,
  };
}

/** Requests of all before, without one of a kind, that make it an unheard-of one. */
const UNHEARD_REQUESTS = 200;
const UNHEARD_LEAST = 3;

/** A way to fail that nobody had before, and nobody else has now: all traffic tells how unusual it is. */
export function isUnheardOf({ before, after, controlBefore, controlAfter }: Cells): boolean {
  return (
    before.bad + controlBefore.bad + controlAfter.bad === 0 &&
    after.bad >= UNHEARD_LEAST &&
    before.total + controlBefore.total >= UNHEARD_REQUESTS &&
    controlAfter.total >= LEAST_CONTROL
  );
}

/** The cells of what is unheard of: the usual share is that of all. */
export function withAllBefore(cells: Cells): Cells {
  const { before, controlBefore } = cells;
  return { ...cells, before: { bad: 0, total: before.total + controlBefore.total } };
}

const NEW_LEAST = 5;
const NEW_PROBABILITY = 0.001;

/** A way to fail that was not there before, and not by chance. */
export function isNew({ before, after }: Cells): boolean {
  if (before.bad > 0 || after.bad < NEW_LEAST || before.total === 0) return false;
  return 1 - poissonAtMost(after.bad - 1, (after.total * 0.5) / before.total) < NEW_PROBABILITY;
}
