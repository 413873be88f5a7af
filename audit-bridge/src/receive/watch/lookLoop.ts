import type { Clock } from '@aisix-observability/pipeline';

export interface LookLoopOptions {
  readonly clock: Clock;
  /** One look. Must not reject. */
  readonly look: () => Promise<void>;
  /** Until the next one, milliseconds. */
  readonly pauseMillis: () => number;
}

/** Looks again and again, one look at a time, and at once when something calls for it. */
export interface LookLoop {
  /** Looks now; when a look is under way, once more after it. Resolves after that. */
  look(): Promise<void>;
  /** Looks now, and from then on again and again. */
  run(): void;
  /** Resolves when no look is under way. */
  close(): Promise<void>;
}

export function createLookLoop({ clock, look, pauseMillis }: LookLoopOptions): LookLoop {
  let looking: Promise<void> | undefined;
  let again = false;
  let isClosed = false;
  let cancelTimer: (() => void) | undefined;

  async function untilDone(): Promise<void> {
    do {
      again = false;
      await look();
    } while (again && !isClosed);
  }

  function lookNow(): Promise<void> {
    if (isClosed) return Promise.resolve();
    if (looking !== undefined) {
      again = true;
      return looking;
    }
    looking = untilDone().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function run(): void {
    void lookNow().then(() => {
      cancelTimer?.();
      if (!isClosed) cancelTimer = clock.after(pauseMillis(), run);
    });
  }

  return {
    look: lookNow,
    run,
    async close() {
      isClosed = true;
      cancelTimer?.();
      await looking;
    },
  };
}

/** Pauses between looks at something that fails. */
export interface LookRetry {
  readonly firstMillis: number;
  readonly maxMillis: number;
}

/** After the n-th failure in a row: doubled each time, up to the maximum. */
export function retryPause(failures: number, { firstMillis, maxMillis }: LookRetry): number {
  return Math.min(firstMillis * 2 ** Math.min(failures - 1, 16), maxMillis);
}
