import type { Clock } from './clock.ts';

/** Wakes one waiter. A ring that nobody waits for is kept for the next wait, so that no news is missed. */
export interface Bell {
  ring(): void;
  /** Until rung, or at most so long. */
  wait(millis?: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = false;
  let waiter: (() => void) | undefined;
  return {
    ring() {
      if (waiter === undefined) rung = true;
      else waiter();
    },
    wait(millis) {
      if (rung) {
        rung = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const cancel = millis === undefined ? undefined : clock.after(millis, () => waiter?.());
        waiter = () => {
          waiter = undefined;
          cancel?.();
          resolve();
        };
      });
    },
  };
}
