import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Free bytes that stay in the file to be used again by the next rows, without asking the file system for them: several
 * seconds of a busy gateway fleet.
 */
export const FREE_KEPT_BYTES = 64 * 1024 * 1024;

/** Pages given back in one step, a few milliseconds. */
const STEP_PAGES = 512;

/** Gives the disk back what a past backlog left behind, in steps, in the background. */
export interface FreeSpace {
  /**
   * Starts when more than half of the file and more than `FREE_KEPT_BYTES` is free, or, where the disk is short of
   * room, when anything is; one run at a time.
   */
  giveBack(diskIsShort: boolean): void;
}

/**
 * @param step runs its argument in a transaction.
 * @param failed told of an error that ended a run; the next call of `giveBack` starts anew.
 */
export function freeSpace(
  db: DatabaseSync,
  steps: { run(work: () => void): void; stopped(): boolean; failed(error: unknown): void },
): FreeSpace {
  const freePages = db.prepare('PRAGMA freelist_count');
  const allPages = db.prepare('PRAGMA page_count');
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
  const free = (): number => Number(freePages.get()?.freelist_count);
  const all = (): number => Number(allPages.get()?.page_count);
  let running = false;

  async function run(keptBytes: number): Promise<void> {
    running = true;
    try {
      await nextTurn();
      while (!steps.stopped() && free() * pageBytes > keptBytes) {
        steps.run(() => db.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`));
        await nextTurn();
      }
      // The file shrinks when the log is copied into it, not before.
      if (!steps.stopped()) db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      steps.failed(error);
    } finally {
      running = false;
    }
  }

  return {
    giveBack(diskIsShort) {
      const freeBytes = running ? 0 : free() * pageBytes;
      if (diskIsShort ? freeBytes > 0 : freeBytes > FREE_KEPT_BYTES && free() * 2 > all()) {
        void run(diskIsShort ? 0 : FREE_KEPT_BYTES / 2);
      }
    },
  };
}
