import { LOG, sizeOf } from '../days/databaseFile.ts';
import { DAY_MICROS } from '../days/dayName.ts';
import type { Session } from '../engine/session.ts';
import type { StoreParts } from '../parts.ts';
import { SLOT_MICROS } from '../sql/slots.ts';
import { checkpointGrown, nextToRollUp, rollUp } from './rollUp.ts';
import type { WriteQueue } from './writeQueue.ts';

/** A slot is rolled up when nothing has come for it for so long; the gateway's feeds are seconds apart. */
const QUIET_MILLIS = 30_000;

/**
 * A day is brought from its log into its file when nothing was written to it for so long. Without it the days of a
 * server with little traffic would stay in their logs: uncompressed, in memory, and read again after a crash.
 */
const COLD_MILLIS = 10 * 60_000;

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
  /** By day, of those whose log holds something. */
  const lastWritten = new Map<number, number>();
  for (const { day, path } of days.all) if (sizeOf(`${path}${LOG}`) > 0) lastWritten.set(day, now());
  let stopped = false;
  let failing = false;
  let looking = false;

  /** One piece of work in its turn; false when there is none. */
  function step(isQuiet: (slot: number) => boolean, isCold: (writtenAt: number) => boolean): Promise<boolean> {
    return write(async () => {
      if (stopped) return false;
      await checkpointGrown(session, days, mainPath);
      const range = nextToRollUp(days.all, isQuiet);
      if (range !== undefined) {
        await rollUp(range, session, gate);
        for (const slot of range.slots) lastTouched.delete(slot);
        if (!lastWritten.has(range.day.day)) lastWritten.set(range.day.day, now());
        return true;
      }
      const cold = days.all.find(({ day }) => isCold(lastWritten.get(day) ?? Number.POSITIVE_INFINITY));
      if (cold === undefined) return false;
      await session.run(`CHECKPOINT ${cold.db}`);
      lastWritten.delete(cold.day);
      return true;
    });
  }
  const isQuiet = (slot: number) => now() - (lastTouched.get(slot) ?? Number.NEGATIVE_INFINITY) >= QUIET_MILLIS;

  const isCold = (writtenAt: number) => now() - writtenAt >= COLD_MILLIS;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      while (await step(isQuiet, isCold));
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
      for (const slot of slots) {
        lastTouched.set(slot, at);
        lastWritten.set(Math.floor((slot * SLOT_MICROS) / DAY_MICROS), at);
      }
    },
    async settle() {
      while (await step(() => true, isCold));
    },
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
