/** Tells when requests were stored; returns the function that ends it. */
export type OnApplied = (listener: () => void) => () => void;

/** Remembers that something was stored until somebody asks. */
export interface Wakeups {
  /** Resolves when something was stored since the last call, when the time is up, or when the signal is aborted. */
  next(millis: number, signal: AbortSignal): Promise<'stored' | 'silence' | 'aborted'>;
  close(): void;
}

export function createWakeups(onApplied: OnApplied): Wakeups {
  let stored = false;
  let wake: (() => void) | undefined;
  const stop = onApplied(() => {
    stored = true;
    wake?.();
  });
  return {
    async next(millis, signal) {
      if (!stored && !signal.aborted) await waitFor(millis, signal, (resolve) => (wake = resolve));
      wake = undefined;
      if (signal.aborted) return 'aborted';
      if (!stored) return 'silence';
      stored = false;
      return 'stored';
    },
    close: stop,
  };
}

/** Resolves after so long, earlier when `early` is called or the signal is aborted. */
export function waitFor(
  millis: number,
  signal: AbortSignal,
  early: (resolve: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done, { once: true });
    early(done);
    if (signal.aborted) done();
  });
}
