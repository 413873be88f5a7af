import { type Attribution, attribute } from './attribution.ts';
import { CATEGORIES, categorise, TREATED } from './control.ts';
import { type Evidence, firstAt, type KnownChange } from './evidence.ts';
import type { RequestShape } from './model.ts';
import type { Span } from './spans.ts';
import type { Touch } from './touch.ts';

/** Reconstructed times are a truncated second, so a request may have begun this much to either side. */
const RECONSTRUCTED_MILLIS = 1_000;

/** Everything that was counted around one change, in one pass over its requests. */
export interface Tally {
  readonly attribution: Attribution;
  readonly category: Uint8Array;
  /** 0 is before; then one slot per step of looks. */
  readonly slots: number;
  /** `[category * slots + slot]`. */
  readonly total: Float64Array;
  /** `[(category * slots + slot) * signatures + signature]`. */
  readonly ended: Float64Array;
  readonly tried: Float64Array;
  /** Of the treated before, per step of time: requests, and per signature failures `[signature * steps + step]`. */
  readonly steps: number;
  readonly totalByStep: Float64Array;
  readonly endedByStep: Float64Array;
  readonly triedByStep: Float64Array;
  /** Milliseconds that the window before holds. */
  readonly beforeMillis: number;
}

/** Bounds of the before of one shape's data plane and of its after. */
interface Bounds {
  readonly before: number;
  readonly after: number;
  readonly zero: number;
}

/** By shape: a number of its data plane and of how its times are known. */
function timingOf(evidence: Evidence) {
  return evidence.remember('timing', () => {
    const { shapes } = evidence.window;
    const kinds: Pick<RequestShape, 'dataPlane' | 'reconstructed'>[] = [];
    const places = new Map<string | undefined, number>();
    const byShape = new Uint32Array(shapes.length);
    for (let shape = 0; shape < shapes.length; shape++) {
      const { dataPlane, reconstructed = false } = shapes[shape] ?? {};
      let place = places.get(dataPlane);
      if (place === undefined) {
        place = kinds.push({ dataPlane, reconstructed: false }, { dataPlane, reconstructed: true }) - 2;
        places.set(dataPlane, place);
      }
      byShape[shape] = place + (reconstructed ? 1 : 0);
    }
    return { kinds, byShape };
  });
}

/** Where requests turn from before to after: by shape the place of its bounds. */
export interface ShapeBounds {
  readonly bounds: readonly Bounds[];
  readonly byShape: Uint32Array;
}

/** Where each shape's requests turn from before to after: its data plane's own time, if it told one. */
export function boundsOf(evidence: Evidence, { time }: KnownChange): ShapeBounds {
  const { kinds, byShape } = timingOf(evidence);
  const bounds = kinds.map(({ dataPlane, reconstructed }) => {
    const own = dataPlane === undefined ? undefined : time.at.get(dataPlane);
    const slack = reconstructed ? RECONSTRUCTED_MILLIS : 0;
    const [from, to] = [own ?? time.from, own ?? time.to];
    return { before: from - slack, after: to + slack, zero: to };
  });
  return { bounds, byShape };
}

/** Steps of time in which failures of the window before are compared to see whether they cluster. */
export const DISPERSION_STEPS = 20;

/**
 * Counts requests and failures before and after a change, by category and signature.
 *
 * @param before Spans of the window before, ascending.
 * @param looks Ends of the slots after, in milliseconds after the change, ascending.
 */
export function tally(
  evidence: Evidence,
  known: KnownChange,
  touch: Touch,
  before: readonly Span[],
  looks: readonly number[],
): Tally {
  const { window, combination, signatures } = evidence;
  const { startTime, shape } = window;
  const last = looks.at(-1) ?? 0;
  const span = { from: before[0]?.from ?? known.time.from, to: known.time.to + last };
  const attribution = attribute(evidence, known, touch);
  const category = categorise(evidence, known, span);
  const { bounds, byShape } = boundsOf(evidence, known);
  const slots = looks.length + 1;
  const count = signatures.signatures.length;
  const total = new Float64Array(CATEGORIES * slots);
  const ended = new Float64Array(CATEGORIES * slots * count);
  const tried = new Float64Array(CATEGORIES * slots * count);
  const steps = DISPERSION_STEPS;
  const totalByStep = new Float64Array(steps);
  const endedByStep = new Float64Array(count * steps);
  const triedByStep = new Float64Array(count * steps);
  const beforeMillis = before.reduce((sum, { from, to }) => sum + to - from, 0);
  const stepMillis = Math.max(1, beforeMillis / steps);

  function add(row: number, slot: number, step: number): void {
    const number = combination[row] ?? 0;
    const at = category[number] ?? 0;
    const cell = at * slots + slot;
    total[cell] = (total[cell] ?? 0) + 1;
    const isTreated = at === TREATED;
    const resultNumber = evidence.resultNumber[number] ?? 0;
    const end = isTreated ? (attribution.ended[number] ?? -1) : (signatures.ended[resultNumber] ?? -1);
    const tries = isTreated ? attribution.tried.get(number) : signatures.tried[resultNumber];
    if (step >= 0 && isTreated) totalByStep[step] = (totalByStep[step] ?? 0) + 1;
    if (end >= 0) {
      ended[cell * count + end] = (ended[cell * count + end] ?? 0) + 1;
      if (step >= 0 && isTreated) endedByStep[end * steps + step] = (endedByStep[end * steps + step] ?? 0) + 1;
    }
    if (tries === undefined) return;
    for (const one of tries) {
      if (one === end) continue;
      tried[cell * count + one] = (tried[cell * count + one] ?? 0) + 1;
      if (step >= 0 && isTreated) triedByStep[one * steps + step] = (triedByStep[one * steps + step] ?? 0) + 1;
    }
  }

  let passed = 0;
  for (const { from, to } of before) {
    const end = firstAt(window, to);
    for (let row = firstAt(window, from); row < end; row++) {
      const start = startTime[row] ?? 0;
      if (start >= (bounds[byShape[shape[row] ?? 0] ?? 0]?.before ?? 0)) continue;
      add(row, 0, Math.min(steps - 1, Math.floor((passed + start - from) / stepMillis)));
    }
    passed += to - from;
  }
  const end = firstAt(window, known.time.to + last);
  for (let row = firstAt(window, known.time.from); row < end; row++) {
    const bound = bounds[byShape[shape[row] ?? 0] ?? 0];
    const start = startTime[row] ?? 0;
    if (bound === undefined || start < bound.after) continue;
    const since = start - bound.zero;
    let slot = 0;
    while (slot < looks.length && since >= (looks[slot] ?? 0)) slot++;
    if (slot < looks.length) add(row, slot + 1, -1);
  }
  return {
    attribution,
    category,
    slots,
    total,
    ended,
    tried,
    steps,
    totalByStep,
    endedByStep,
    triedByStep,
    beforeMillis,
  };
}
