import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Log, silentLog } from '../observe/log.ts';
import { BUSY_TIMEOUT_MS, openForReading, openForWriting } from './connection.ts';
import { type DiskSpace, diskRoom, diskSpaceAt } from './diskRoom.ts';
import { StreamFileError, StreamUnavailableError } from './errors.ts';
import { freeSpace } from './freeSpace.ts';
import type { FileFormat } from './schema.ts';
import { isWriteRefused, readError, sqliteCode } from './sqliteErrors.ts';
import { transactionsOf } from './transactions.ts';
import { walGuard } from './walGuard.ts';
import { takeWriterLock } from './writerLock.ts';
import { UNAVAILABLE_RETRY_SECONDS } from './writingStream.ts';

export interface DatabaseFileOptions {
  readonly log?: Log;
  /** Milliseconds, for durations only. Default: the process's monotonic clock. */
  readonly now?: () => number;
  /** What the file may grow to, rounded down to pages; its write-ahead log comes on top. */
  readonly maxFileBytes?: number;
  /** Default: the file system of the file. */
  readonly diskSpace?: () => DiskSpace;
}

/**
 * A SQLite file of a room's own tables, kept as stream files are: mode 0600, write-ahead log, `synchronous=FULL`, one
 * writing thread of one process, room left on the disk so that rows can always be dropped.
 */
export interface DatabaseFile {
  /** For statements; transactions go through `transact`. */
  readonly db: DatabaseSync;
  /**
   * Runs synchronous `work` in one transaction: all of it is durable when this returns, or none of it if it throws.
   *
   * @throws StreamUnavailableError when the disk refused.
   */
  transact<T>(work: () => T): T;
  /** Inside `transact`: how to put memory back in step with the file, should it fail. */
  onRollback(undo: () => void): void;
  /** @throws StreamUnavailableError when the disk has no room for so many more bytes from outside. */
  mustHaveRoom(bytes: number): void;
  /** Gives the disk back what dropped rows left, in the background. */
  giveBack(): void;
  close(): Promise<void>;
}

/**
 * Opens the file at `path` for writing, or makes it.
 *
 * @throws StreamFileError as `openStreamFile`.
 */
export function openDatabaseFile(path: string, format: FileFormat, options: DatabaseFileOptions = {}): DatabaseFile {
  const { log = silentLog, now = () => performance.now() } = options;
  const lock = takeWriterLock(path);
  let db: DatabaseSync;
  try {
    db = openForWriting(path, options, format);
  } catch (error) {
    lock.release();
    throw error;
  }
  const transactions = transactionsOf(db, 'BEGIN IMMEDIATE');
  const wal = walGuard(db, path, BUSY_TIMEOUT_MS, now);
  const room = diskRoom(options.diskSpace ?? (() => diskSpaceAt(path)));
  let closing: Promise<void> | undefined;
  let refusing = false;

  const space = freeSpace(db, {
    run: (work) => transactions.runRelaxed(work),
    stopped: () => closing !== undefined,
    failed: (error) => log('warn', 'Free space could not be given back', { path, sqliteCode: sqliteCode(error) }),
  });

  function refusal(cause: unknown): StreamUnavailableError {
    if (!refusing) log('error', 'The disk does not take what is to be stored', { path, sqliteCode: sqliteCode(cause) });
    refusing = true;
    return new StreamUnavailableError(basename(path), UNAVAILABLE_RETRY_SECONDS, cause);
  }

  function committed(): void {
    if (refusing) log('info', 'The disk takes again what is to be stored', { path });
    refusing = false;
    try {
      wal.check();
    } catch (error) {
      log('warn', 'The write-ahead log could not be started over', { path, sqliteCode: sqliteCode(error) });
    }
  }

  async function close(): Promise<void> {
    // Not in the middle of a `transact` that may have called this.
    await nextTurn();
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      log('warn', 'The write-ahead log stays for the next start', { path, sqliteCode: sqliteCode(error) });
    }
    db.close();
    lock.release();
  }

  return {
    db,
    transact(work) {
      if (!db.isOpen) throw new StreamFileError('stream_file_closed', path);
      let result: ReturnType<typeof work>;
      try {
        result = transactions.run(work);
      } catch (error) {
        throw isWriteRefused(error) ? refusal(error) : error;
      }
      committed();
      return result;
    },
    onRollback: (undo) => transactions.onRollback(undo),
    mustHaveRoom(bytes) {
      if (room.toAccept(bytes)) return;
      space.giveBack(true);
      throw refusal(new Error('the disk is short of room'));
    },
    giveBack: () => space.giveBack(!room.toAccept(0)),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/**
 * Opens the file beside its writer, to read only; the caller closes it.
 *
 * @throws StreamFileError as `openStreamFile` with `readOnly`.
 */
export function readDatabaseFile(path: string, format: FileFormat): DatabaseSync {
  return openForReading(path, format);
}

/** The error to throw for one that reading threw; errors that are not SQLite's stay what they are. */
export function databaseReadError(path: string, error: unknown): unknown {
  return readError(path, error);
}
