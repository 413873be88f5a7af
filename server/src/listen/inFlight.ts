import type { MiddlewareHandler } from 'hono';

/** Requests that were let in and are not answered yet. */
export interface InFlight {
  readonly middleware: MiddlewareHandler;
  /** Resolves when none is left, or after so long. */
  idle(deadlineMillis: number): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let whenIdle: (() => void) | undefined;
  return {
    middleware: async (_c, next) => {
      count += 1;
      try {
        await next();
      } finally {
        count -= 1;
        if (count === 0) whenIdle?.();
      }
    },
    async idle(deadlineMillis) {
      if (count === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      whenIdle = resolve;
      const timer = setTimeout(resolve, deadlineMillis);
      await promise;
      clearTimeout(timer);
      whenIdle = undefined;
    },
  };
}
