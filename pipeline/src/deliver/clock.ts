/** Time as this room sees it; tests give one that they turn by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `work` once, later; the answer calls it off. A waiting timer never keeps the process alive. */
  after(millis: number, work: () => void): () => void;
  /** Lets everything else that is ready (sockets above all) have its turn. */
  breathe(): Promise<void>;
}

/** `setTimeout` fires at once beyond this; longer waits are cut, and whoever waits looks at the clock again. */
const LONGEST_TIMER_MILLIS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(millis, work) {
    const timer = setTimeout(work, Math.min(Math.max(millis, 0), LONGEST_TIMER_MILLIS));
    timer.unref();
    return () => clearTimeout(timer);
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};
