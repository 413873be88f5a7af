import { StreamFileError } from './errors.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the extended ones carry them in the low byte. */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** What keeps bytes from being stored now and may pass: nothing is wrong with the request. */
const REFUSALS: ReadonlySet<number> = new Set([
  PERM,
  BUSY,
  LOCKED,
  NOMEM,
  READONLY,
  IOERR,
  CORRUPT,
  FULL,
  CANTOPEN,
  NOTADB,
]);

/** The primary result code of an error that `node:sqlite` threw, `undefined` for every other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** True when the file or the disk under it did not take a write; the same write may succeed later. */
export function isWriteRefused(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && REFUSALS.has(code);
}

/** True when another connection holds a lock. */
export function isLocked(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

/** The error to throw for a failure to open or to read `path`; errors that are not SQLite's stay what they are. */
export function readError(path: string, error: unknown): unknown {
  switch (sqliteCode(error)) {
    case undefined:
      return error;
    case CORRUPT:
      return new StreamFileError('stream_file_corrupt', path, error);
    case NOTADB:
      return new StreamFileError('stream_file_foreign', path, error);
    default:
      return new StreamFileError('stream_file_unusable', path, error);
  }
}
