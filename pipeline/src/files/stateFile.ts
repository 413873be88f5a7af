import { readFileSync, renameSync } from 'node:fs';
import { writeFileDurably } from './writeFileDurably.ts';

/** Something that survives a restart. */
export interface StateFile<T> {
  /** Undefined when there is nothing yet. @throws StateFileError when there is something that cannot be used. */
  load(): T | undefined;
  /** Returns once it would survive a power failure. */
  save(value: T): void;
}

export class StateFileError extends Error {
  /** `state_unreadable`: damaged; it was put aside under another name. `state_newer`: of a newer version. */
  readonly code: 'state_unreadable' | 'state_newer';

  constructor(code: 'state_unreadable' | 'state_newer', message: string = code) {
    super(message);
    this.name = 'StateFileError';
    this.code = code;
  }
}

/**
 * Keeps a value as JSON in a file that only its owner can read. What is kept carries `version: 1`.
 *
 * @param read gives the value as it was found, undefined when it is none.
 */
export function stateFile<T>(path: string, read: (found: unknown) => T | undefined): StateFile<T> {
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      const found = parsed(text);
      const { version } = (found ?? {}) as { readonly version?: unknown };
      if (typeof version === 'number' && version > 1) {
        throw new StateFileError('state_newer', `found a file of version ${version}, expected version 1`);
      }
      const value = read(found);
      if (value !== undefined) return value;
      renameSync(path, `${path}.bad`);
      throw new StateFileError('state_unreadable', 'found a damaged file and put it aside');
    },
    save: (value) => writeFileDurably(path, JSON.stringify(value)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not read again by anybody: its message would quote what the file holds.
    return undefined;
  }
}
