import { coded } from './codes.ts';
import type { Evidence } from './evidence.ts';

/** What is slow: per requested model, streamed or not, since both have durations of their own. */
export interface SlowLimits {
  /** Milliseconds, by shape; undefined where too few requests tell, and for a shape that has no answer at all. */
  limitOf(shape: number): number | undefined;
}

/** Parts of the window whose p90 are compared; their median holds when less than half of them were an incident. */
const PARTS = 8;
const LEAST_PER_PART = 10;
const QUANTILE = 0.9;

export function quantileOf(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** By combination: a number under which its durations are comparable; -1 for what is no answer of a provider. */
export interface DurationCodes {
  readonly code: Int32Array;
  /** Codes are below it. */
  readonly count: number;
}

/** Durations are comparable per requested model, streamed or not. */
export function durationCodes(evidence: Evidence): DurationCodes {
  return evidence.remember('duration codes', () => {
    const { window, shapeNumber, resultNumber } = evidence;
    const { code: model, values } = coded(evidence, 'requestedModel');
    const isAnswer = window.results.map(({ outcome, cacheHit }) => outcome === 'success' && !cacheHit);
    const code = new Int32Array(model.length).fill(-1);
    for (let number = 0; number < code.length; number++) {
      if (isAnswer[resultNumber[number] ?? 0] !== true) continue;
      const isStream = window.shapes[shapeNumber[number] ?? 0]?.stream === true;
      code[number] = 2 * (model[number] ?? 0) + (isStream ? 1 : 0);
    }
    return { code, count: 2 * values.length };
  });
}

/** The usual p90 of the window: the median of its parts' p90. */
export function slowLimits(evidence: Evidence): SlowLimits {
  return evidence.remember('slow limits', () => {
    const { window, combination, shapeNumber } = evidence;
    const { code, count } = durationCodes(evidence);
    const length = Math.max(1, window.to - window.from);
    const placeOf = (row: number): number => {
      const own = code[combination[row] ?? 0] ?? -1;
      if (own < 0) return -1;
      const at = Math.floor((((window.startTime[row] ?? 0) - window.from) / length) * PARTS);
      return own * PARTS + Math.min(PARTS - 1, Math.max(0, at));
    };
    // Where the durations of each part begin, when they lie one part after the other.
    const ends = new Uint32Array(count * PARTS + 1);
    for (let row = 0; row < window.length; row++) {
      const place = placeOf(row);
      if (place >= 0) ends[place + 1] = (ends[place + 1] ?? 0) + 1;
    }
    for (let place = 1; place < ends.length; place++) ends[place] = (ends[place] ?? 0) + (ends[place - 1] ?? 0);
    const durations = new Float32Array(ends.at(-1) ?? 0);
    const filled = ends.slice();
    for (let row = 0; row < window.length; row++) {
      const place = placeOf(row);
      if (place < 0) continue;
      const at = filled[place] ?? 0;
      durations[at] = window.durationMs[row] ?? 0;
      filled[place] = at + 1;
    }
    const limits = Array.from({ length: count }, (_, own) => {
      const quantiles = Array.from({ length: PARTS }, (_, part) => own * PARTS + part)
        .map((place) => durations.subarray(ends[place], ends[place + 1]))
        .filter((values) => values.length >= LEAST_PER_PART)
        .map((values) => quantileOf(values.sort(), QUANTILE))
        .toSorted((a, b) => a - b);
      // The lower of two middle ones: incidents make slower, not faster.
      return quantiles[Math.floor((quantiles.length - 1) / 2)];
    });
    const byShape: (number | undefined)[] = new Array(window.shapes.length);
    for (let number = 0; number < code.length; number++) {
      const own = code[number] ?? -1;
      if (own >= 0) byShape[shapeNumber[number] ?? 0] = limits[own];
    }
    return { limitOf: (shape) => byShape[shape] };
  });
}
