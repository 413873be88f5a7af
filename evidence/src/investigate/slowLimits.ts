import type { Evidence } from './evidence.ts';

/** What is slow: per requested model, streamed or not, since both have durations of their own. */
export interface SlowLimits {
  /** Milliseconds, by shape; undefined where too few requests tell. */
  limitOf(shape: number): number | undefined;
}

/** Parts of the window whose p90 are compared; their median holds when less than half of them were an incident. */
const PARTS = 8;
const LEAST_PER_PART = 10;
const QUANTILE = 0.9;

export function quantileOf(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** Name under which durations are comparable. */
export function durationKey({
  requestedModel,
  stream,
}: {
  readonly requestedModel?: string | undefined;
  readonly stream: boolean;
}): string {
  return `${requestedModel} ${stream}`;
}

/** By combination: the name under which its durations are comparable; undefined for what is no answer of a provider. */
export function durationKeys(evidence: Evidence): readonly (string | undefined)[] {
  return evidence.remember('duration keys', () =>
    evidence.combinations.map(({ shape, result }) =>
      result.outcome === 'success' && !result.cacheHit ? durationKey(shape) : undefined,
    ),
  );
}

/** The usual p90 of the window: the median of its parts' p90. */
export function slowLimits(evidence: Evidence): SlowLimits {
  return evidence.remember('slow limits', () => {
    const { window, combination } = evidence;
    const keys = durationKeys(evidence);
    const parts = new Map<string, number[][]>();
    const length = Math.max(1, window.to - window.from);
    for (let row = 0; row < window.length; row++) {
      const key = keys[combination[row] ?? 0];
      if (key === undefined) continue;
      let own = parts.get(key);
      if (own === undefined) {
        own = Array.from({ length: PARTS }, () => []);
        parts.set(key, own);
      }
      const part = Math.min(
        PARTS - 1,
        Math.max(0, Math.floor((((window.startTime[row] ?? 0) - window.from) / length) * PARTS)),
      );
      own[part]?.push(window.durationMs[row] ?? 0);
    }
    const limits = new Map<string, number>();
    for (const [key, own] of parts) {
      const quantiles = own
        .filter((values) => values.length >= LEAST_PER_PART)
        .map((values) =>
          quantileOf(
            values.toSorted((a, b) => a - b),
            QUANTILE,
          ),
        )
        .toSorted((a, b) => a - b);
      // The lower of two middle ones: incidents make slower, not faster.
      const middle = quantiles[Math.floor((quantiles.length - 1) / 2)];
      if (middle !== undefined) limits.set(key, middle);
    }
    const byShape = window.shapes.map((shape) => limits.get(durationKey(shape)));
    return { limitOf: (shape) => byShape[shape] };
  });
}
