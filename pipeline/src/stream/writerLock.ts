import { DatabaseSync } from 'node:sqlite';
import { StreamFileError } from './errors.ts';
import { makePrivateFile } from './privateFile.ts';
import { isLocked, readError, sqliteCode } from './sqliteErrors.ts';

/** Suffix of the empty file whose lock stands for the right to write the stream file. */
export const LOCK_SUFFIX = '.lock';

/** Held until `release`, and given back by the operating system when the process ends, however it ends. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the exclusive right to write `path`, for one thread of one process.
 *
 * The stream file itself cannot be held exclusively because readers in other threads open it too, and Node offers no
 * advisory lock of its own. An exclusive transaction on an empty SQLite file beside it is one: it also keeps two
 * threads of the same process apart, needs no disk space, and leaves nothing to clean up after `kill -9`.
 *
 * @throws StreamFileError `stream_file_locked` when somebody holds it, `stream_file_unusable` when the lock file cannot
 *   be made.
 */
export function takeWriterLock(path: string): WriterLock {
  let lock: DatabaseSync | undefined;
  try {
    makePrivateFile(path + LOCK_SUFFIX);
    lock = new DatabaseSync(path + LOCK_SUFFIX, { timeout: 0 });
    // Nothing is ever written to it; a journal on disk would keep a full disk from being opened.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if (isLocked(error)) throw new StreamFileError('stream_file_locked', path, error);
    throw sqliteCode(error) === undefined
      ? new StreamFileError('stream_file_unusable', path, error)
      : readError(path, error);
  }
  const held = lock;
  return { release: () => held.close() };
}
