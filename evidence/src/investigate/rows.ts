import { TREATED } from './control.ts';
import { type Evidence, firstAt, type KnownChange } from './evidence.ts';
import type { Sequence } from './onset.ts';
import type { Span } from './spans.ts';
import { boundsOf, type Tally } from './tally.ts';

/** One request near a change. */
export interface NearRow {
  readonly row: number;
  /** Milliseconds after the change in force; negative before it. */
  readonly since: number;
  readonly category: number;
  readonly combination: number;
}

/**
 * Hands over every request of the window before and of the first `afterMillis` after, in order. Those of which it
 * cannot be told on which side they are are left out.
 *
 * @param only A category: nothing of others is handed over.
 */
export function eachNear(
  evidence: Evidence,
  known: KnownChange,
  { category }: Pick<Tally, 'category'>,
  before: readonly Span[],
  afterMillis: number,
  visit: (near: NearRow) => void,
  only?: number,
): void {
  const { window, combination } = evidence;
  const { bounds, byShape } = boundsOf(evidence, known);
  for (const { from, to } of before) {
    const end = firstAt(window, to);
    for (let row = firstAt(window, from); row < end; row++) {
      const number = combination[row] ?? 0;
      if (only !== undefined && category[number] !== only) continue;
      const bound = bounds[byShape[window.shape[row] ?? 0] ?? 0];
      const start = window.startTime[row] ?? 0;
      if (bound === undefined || start >= bound.before) continue;
      visit({ row, since: start - bound.zero, category: category[number] ?? 0, combination: number });
    }
  }
  const end = firstAt(window, known.time.to + afterMillis);
  for (let row = firstAt(window, known.time.from); row < end; row++) {
    const number = combination[row] ?? 0;
    if (only !== undefined && category[number] !== only) continue;
    const bound = bounds[byShape[window.shape[row] ?? 0] ?? 0];
    const start = window.startTime[row] ?? 0;
    if (bound === undefined || start < bound.after || start - bound.zero >= afterMillis) continue;
    visit({ row, since: start - bound.zero, category: category[number] ?? 0, combination: number });
  }
}

/** The treated requests near a change with a yes or no each; `undefined` leaves one out. */
export function sequenceOf(
  evidence: Evidence,
  known: KnownChange,
  tally: Pick<Tally, 'category'>,
  before: readonly Span[],
  afterMillis: number,
  isBad: (near: NearRow) => boolean | undefined,
): Sequence {
  const since: number[] = [];
  const bad: number[] = [];
  const visit = (near: NearRow): void => {
    const answer = isBad(near);
    if (answer === undefined) return;
    since.push(near.since);
    bad.push(answer ? 1 : 0);
  };
  eachNear(evidence, known, tally, before, afterMillis, visit, TREATED);
  // Data planes take a change at different times, so that order of starts is not order of ages.
  const order = since.map((_, index) => index).toSorted((a, b) => (since[a] ?? 0) - (since[b] ?? 0) || a - b);
  return {
    since: Float64Array.from(order, (index) => since[index] ?? 0),
    bad: Uint8Array.from(order, (index) => bad[index] ?? 0),
  };
}
