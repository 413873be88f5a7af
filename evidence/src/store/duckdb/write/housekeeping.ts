import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { checkpointGrown, nextToRollUp, rollUp } from './rollUp.ts';
import type { WriteQueue } from './writeQueue.ts';

/** A slot is rolled up when nothing has come for it for so long; the gateway's feeds are seconds apart. */
const QUIET_MILLIS = 30_000;

const LOOK_EVERY_MILLIS = 5_000;

export interface Housekeeping {
  /** Slots that a batch has written to. */
  touched(slots: Iterable<number>): void;
  settle(): Promise<void>;
  stop(): void;
}

/** What is done between batches, a piece at a time, so that no batch waits long. */
export function housekeeping({
  store: { days, gate },
  session,
  mainPath,
  write,
  now,
  log,
}: {
  readonly store: StoreParts;
  readonly session: Session;
  readonly mainPath: string;
  readonly write: WriteQueue;
  readonly now: () => number;
  readonly log: (level: 'info' | 'error', message: string) => void;
}): Housekeeping {
  const lastTouched = new Map<number, number>();
  let stopped = false;
  let failing = false;
  let looking = false;

  /** One piece of work in its turn; false when there is none. */
  function step(isQuiet: (slot: number) => boolean): Promise<boolean> {
    return write(async () => {
      if (stopped) return false;
      const range = nextToRollUp(days.all, isQuiet);
      // Rollups first, so that they go into the files with the rest.
      await checkpointGrown(session, days, mainPath, range === undefined ? isQuiet : () => false);
      if (range === undefined) return false;
      await rollUp(range, session, gate);
      for (const slot of range.slots) lastTouched.delete(slot);
      return true;
    });
  }
  const isQuiet = (slot: number) => now() - (lastTouched.get(slot) ?? Number.NEGATIVE_INFINITY) >= QUIET_MILLIS;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      while (await step(isQuiet));
      if (failing) log('info', 'Rollups are made again');
      failing = false;
    } catch (error) {
      // Answers stay right without: they come from the rows.
      if (!failing) log('error', `Rollups cannot be made: ${error instanceof Error ? error.message : String(error)}`);
      failing = true;
    } finally {
      looking = false;
    }
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MILLIS);
  timer.unref();

  return {
    touched(slots) {
      const at = now();
      for (const slot of slots) lastTouched.set(slot, at);
    },
    async settle() {
      while (await step(() => true));
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
