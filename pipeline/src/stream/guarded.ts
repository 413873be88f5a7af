import type { DatabaseSync } from 'node:sqlite';
import { StreamFileError } from './errors.ts';
import { readError } from './sqliteErrors.ts';

/** The same functions, with SQLite's errors and a closed file told in terms of the file. */
export function guarded<T extends object>(functions: T, db: DatabaseSync, path: string): T {
  const entries = Object.entries(functions).map(([name, call]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      if (!db.isOpen) throw new StreamFileError('stream_file_closed', path);
      try {
        return call(...args);
      } catch (error) {
        throw readError(path, error);
      }
    },
  ]);
  return Object.fromEntries(entries) as T;
}
