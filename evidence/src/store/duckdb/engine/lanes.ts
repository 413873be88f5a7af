/** How many may wait for a turn; each costs its caller's memory, and the last would wait longer than any timeout. */
const MAX_WAITING = 256;

export interface Lane {
  /** @throws what the signal says, when it is aborted before the turn comes. */
  turn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Lets `width` works run at once, the others in the order in which they came. */
export function lane(width: number, full: () => Error): Lane {
  let running = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  const enter = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const abandon = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal?.reason);
      };
      const start = () => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      waiting.push(start);
      signal?.addEventListener('abort', abandon, { once: true });
    });
  return {
    async turn(work, signal) {
      signal?.throwIfAborted();
      if (running < width) running += 1;
      else if (waiting.length >= MAX_WAITING) throw full();
      else await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
