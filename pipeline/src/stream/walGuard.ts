import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/**
 * Bytes of pages in the write-ahead log after which SQLite copies them into the file, within the commit that gets there:
 * the copying holds that commit up by 5 to 20 ms; four times as many held it up four times as long without
 * raising the throughput.
 */
export const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** What the log's file keeps of its size when it is started over; more was needed by one large append only. */
export const WAL_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * The log starts over only in a moment in which no reader is inside of it. Beyond this size the writer waits for one,
 * so that readers in other threads that take turns without a pause cannot make it grow for ever.
 */
export const WAL_MAX_BYTES = 64 * 1024 * 1024;

/** How long the writer waits for such a moment; readers hold the log for milliseconds. */
const WAIT_FOR_READERS_MS = 50;

/** How often it tries: a reader that stays for long must not make every commit wait. */
const RETRY_MS = 1000;

export interface WalGuard {
  /** Looks at the size of the log; call after commits. Returns the size in bytes. */
  check(): number;
}

/** @param now milliseconds. */
export function walGuard(db: DatabaseSync, path: string, busyTimeoutMs: number, now: () => number): WalGuard {
  let notBefore = Number.NEGATIVE_INFINITY;

  const size = (): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;

  return {
    check() {
      const bytes = size();
      if (bytes <= WAL_MAX_BYTES || now() < notBefore) return bytes;
      db.exec(`PRAGMA busy_timeout = ${WAIT_FOR_READERS_MS}`);
      try {
        db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      } finally {
        db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
        notBefore = now() + RETRY_MS;
      }
      return size();
    },
  };
}
