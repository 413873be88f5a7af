/** What is wrong from when on. Times are milliseconds from the window's start, one of each data plane. */
interface EffectBase {
  /** Index of the fault or trouble that it belongs to; -1 for what is harmless by definition. */
  readonly cause: number;
  readonly from: readonly number[];
  to: readonly number[];
  /** Milliseconds over which the share grows to its full height. */
  readonly rampMs?: number;
}

/** Attempts at some models fail. */
export interface AttemptFailure extends EffectBase {
  readonly kind: 'attempt_failure';
  readonly models: ReadonlySet<number>;
  readonly share: number;
  readonly status: number;
  readonly errorClass: string;
  readonly message: string;
  /** Median duration of a failed attempt. */
  readonly afterMs: number;
  /** The gateway tries again. */
  readonly again: boolean;
}

/** Attempts at some models take longer. */
export interface SlowAttempts extends EffectBase {
  readonly kind: 'slow';
  readonly models: ReadonlySet<number>;
  readonly factor: number;
}

/** Attempts at a model are cut after a time. */
export interface LoweredTimeout extends EffectBase {
  readonly kind: 'timeout';
  readonly model: number;
  readonly timeoutMs: number;
}

/** Requests are refused before any attempt. */
export interface Refusal extends EffectBase {
  readonly kind: 'refusal';
  /** Requested models and callers that it applies to. */
  readonly models: ReadonlySet<number>;
  readonly callers: ReadonlySet<number>;
  readonly share: number;
  /** So many a minute pass; absent where `share` decides. */
  readonly perMinute?: number;
  readonly status: number;
  readonly errorClass: string;
  readonly blocked: boolean;
  /** The event names no model. */
  readonly withoutModel: boolean;
}

/** Requests leave no event: callers that are refused at the door. */
export interface Vanished extends EffectBase {
  readonly kind: 'vanished';
  readonly callers: ReadonlySet<number>;
}

/** A group has other targets. */
export interface OtherTargets extends EffectBase {
  readonly kind: 'targets';
  readonly group: number;
  readonly targets: readonly number[];
}

/** A cache does not answer any more. */
export interface NoCache extends EffectBase {
  readonly kind: 'no_cache';
  readonly model: number;
}

/** A model is not tried again. */
export interface NoRetries extends EffectBase {
  readonly kind: 'no_retries';
  readonly model: number;
}

/** The traffic of some callers is multiplied. */
export interface Surge extends EffectBase {
  readonly kind: 'surge';
  readonly callers: ReadonlySet<number>;
  readonly factor: number;
}

export type Effect =
  | AttemptFailure
  | SlowAttempts
  | LoweredTimeout
  | Refusal
  | Vanished
  | OtherTargets
  | NoCache
  | NoRetries
  | Surge;

/** How much of an effect there is at a time, 0 to 1. */
export function heightOf(effect: Effect, at: number, dataPlane: number): number {
  const from = effect.from[dataPlane] ?? Number.POSITIVE_INFINITY;
  if (at < from || at >= (effect.to[dataPlane] ?? Number.POSITIVE_INFINITY)) return 0;
  return effect.rampMs === undefined ? 1 : Math.min(1, (at - from) / effect.rampMs);
}
