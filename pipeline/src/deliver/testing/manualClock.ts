import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

export interface ManualClock extends Clock {
  /** Runs what is due within so many milliseconds, in order, letting promises settle in between. */
  advance(millis: number): Promise<void>;
  /** Lets everything that is ready run, without moving the time. */
  settle(): Promise<void>;
  /** Advances until the condition holds, from timer to timer; fails after `limit` milliseconds of its time. */
  until(condition: () => boolean, limit?: number): Promise<void>;
  /** Of timers that wait. */
  readonly timers: number;
}

/** Enough turns for compression (a thread of its own) and some chained promises. */
const TURNS = 12;

export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  const timers = new Set<Timer>();

  const settle = async () => {
    for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
  };
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.at < first.at) first = timer;
    return first;
  };
  const step = async (end: number): Promise<boolean> => {
    const timer = next();
    if (timer === undefined || timer.at > end) {
      now = end;
      return false;
    }
    now = Math.max(now, timer.at);
    timers.delete(timer);
    timer.work();
    await settle();
    return true;
  };

  return {
    now: () => now,
    after(millis, work) {
      const timer = { at: now + millis, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    breathe: () => nextTurn(),
    settle,
    async advance(millis) {
      const end = now + millis;
      await settle();
      while (await step(end));
    },
    async until(condition, limit = 24 * 3_600_000) {
      const end = now + limit;
      await settle();
      while (!condition()) {
        if (!(await step(end))) throw new Error(`not within ${limit} ms of its time`);
      }
    },
    get timers() {
      return timers.size;
    },
  };
}
