import type { ConfigChange } from '../model/change.ts';
import type { SilentSpan } from './answers.ts';

/** When a change began to count, as well as it is known. Times are epoch milliseconds. */
export interface TimeInForce {
  /** First and last moment at which it may have come into force at a data plane. */
  readonly from: number;
  readonly to: number;
  /** `data_plane`: each told it. `observed`: seen between two looks. `audit`: only when it was ordered. */
  readonly source: 'data_plane' | 'observed' | 'audit';
  /** Where data planes told it: when each took it. */
  readonly at: ReadonlyMap<string, number>;
}

/** A data plane cannot have taken what was not ordered yet; two clocks may differ by this much (truncated seconds). */
const CLOCK_TOLERANCE_MILLIS = 2_000;

/** What was missed in a silence is found so soon after it. */
export const FOUND_AFTER_MILLIS = 60_000;

/**
 * When a change came into force; `guardMillis` is added where no data plane says it. What was found at the end of a
 * silence may have been in force since the silence began.
 */
export function timeInForceOf(
  change: ConfigChange,
  guardMillis: number,
  silent: readonly SilentSpan[] = [],
): TimeInForce {
  const { effective, observedBetween, occurredAt } = change;
  const at = new Map(effective.map((one) => [one.dataPlane, one.at]));
  if (effective.length > 0) {
    const times = effective.map((one) => one.at);
    const [from, to] = [Math.min(...times), Math.max(...times)];
    const made = observedBetween?.[0] ?? occurredAt;
    const hidden = silent
      .filter((span) => span.of === 'changes' && span.dataPlane !== undefined && at.has(span.dataPlane))
      .filter((span) => span.from < from && span.to >= from - FOUND_AFTER_MILLIS)
      .map((span) => Math.max(made, span.from));
    const earliest = Math.min(from, ...hidden);
    if (earliest < from - CLOCK_TOLERANCE_MILLIS) return { from: earliest, to, source: 'observed', at: new Map() };
    return { from, to, source: 'data_plane', at };
  }
  if (observedBetween !== undefined) {
    return { from: observedBetween[0], to: observedBetween[1], source: 'observed', at };
  }
  return { from: occurredAt, to: occurredAt + guardMillis, source: 'audit', at };
}

/** Whether the clocks of the change's sources cannot both be right. */
export function clocksDisagree({ effective, occurredAt, trust }: ConfigChange): boolean {
  if (trust === 'observed') return false;
  return effective.some(({ at }) => at < occurredAt - CLOCK_TOLERANCE_MILLIS);
}

/** Truncated seconds place a request up to this much to either side. */
const RECONSTRUCTED_MILLIS = 1_000;

/**
 * How long after the change a request began: negative before it, undefined where it cannot be told. A request of a
 * data plane that told its own time is held to that; one of an unknown data plane is in transition between the first
 * and the last.
 */
export function sinceInForce(
  time: TimeInForce,
  request: { readonly startTime: number; readonly dataPlane?: string | undefined; readonly reconstructed: boolean },
): number | undefined {
  const own = request.dataPlane === undefined ? undefined : time.at.get(request.dataPlane);
  const from = own ?? time.from;
  const to = own ?? time.to;
  const slack = request.reconstructed ? RECONSTRUCTED_MILLIS : 0;
  if (request.startTime < from - slack) return request.startTime - from;
  if (request.startTime >= to + slack) return request.startTime - to;
  return undefined;
}
