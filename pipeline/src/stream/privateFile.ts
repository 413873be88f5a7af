import { closeSync, existsSync, openSync } from 'node:fs';

/**
 * Makes an empty file that only its owner may read; what SQLite puts beside a file inherits its mode. One that is there
 * is not even opened: closing any descriptor of a file that SQLite has open would drop SQLite's locks on it.
 */
export function makePrivateFile(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    // Somebody else was quicker: it is there now, and who may use it is decided by its lock.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
