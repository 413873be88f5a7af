import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StreamFileError } from './errors.ts';
import { makePrivateFile } from './privateFile.ts';
import { createSchema, inspectSchema } from './schema.ts';
import { readError } from './sqliteErrors.ts';
import { PAGE_BYTES, type StreamFileOptions } from './streamFileOptions.ts';
import { CHECKPOINT_BYTES, WAL_KEPT_BYTES } from './walGuard.ts';

/**
 * How long a statement waits for another connection's lock. Writers never wait for readers here; it matters when two
 * connections open at once and one of them has to recover the log after a crash.
 */
export const BUSY_TIMEOUT_MS = 2000;

/** Page cache per connection: holds the inner pages of the key index of some ten million rows. */
const CACHE_KIB = 16 * 1024;

/**
 * Opens `path` for writing and makes a new file a stream file. The caller holds the writer lock.
 *
 * @throws StreamFileError when it is not a stream file, is newer than this software, damaged, or cannot be opened.
 */
export function openForWriting(
  path: string,
  { maxFileBytes, madeFor = 'keyedRows' }: Pick<StreamFileOptions, 'maxFileBytes' | 'madeFor'>,
): DatabaseSync {
  createPrivately(path);
  return open(path, false, (db) => {
    if (inspectSchema(db, path) === 'empty') createSchema(db, PAGE_BYTES[madeFor]);
    const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size);
    // fullfsync: on macOS a plain fsync does not reach the disk; elsewhere it changes nothing.
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${Math.ceil(CHECKPOINT_BYTES / pageBytes)};
      PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
    if (maxFileBytes !== undefined) {
      db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxFileBytes / pageBytes))}`);
    }
  });
}

/**
 * Opens `path` beside its writer, in any thread or process.
 *
 * @throws StreamFileError as above, or `stream_file_missing` when no writer has made it yet.
 */
export function openForReading(path: string): DatabaseSync {
  if (!existsSync(path)) throw new StreamFileError('stream_file_missing', path);
  return open(path, true, (db) => {
    if (inspectSchema(db, path) === 'empty') throw new StreamFileError('stream_file_missing', path);
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  });
}

/** Other users of the machine have no business in what gateways report. */
function createPrivately(path: string): void {
  try {
    makePrivateFile(path);
  } catch (error) {
    throw new StreamFileError('stream_file_unusable', path, error);
  }
}

function open(path: string, readOnly: boolean, prepare: (db: DatabaseSync) => void): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof StreamFileError ? error : readError(path, error);
  }
}
