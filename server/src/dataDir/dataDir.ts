import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFile } from '@aisix-observability/pipeline';

/** Format of what lies in the directory. A change that older code cannot read adds one and a migration. */
export const DATA_VERSION = 1;

/** Brings a directory from the version that is its position (0 is never used) to the next one. */
export type Migration = (dir: string) => void;

/** Steps from version n (index n - 1) to n + 1; as long as `DATA_VERSION - 1`. */
export const MIGRATIONS: readonly Migration[] = [];

const CODES = ['data_dir_locked', 'data_dir_newer', 'data_dir_unusable'] as const;

/** The data directory cannot be used as it is. */
export class DataDirError extends Error {
  readonly code: (typeof CODES)[number];

  constructor(code: (typeof CODES)[number], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DataDirError';
    this.code = code;
  }
}

/** A data directory that only this process may write, until it is closed. */
export interface DataDir {
  readonly path: string;
  /** Files of the server in it. */
  readonly deliveries: string;
  readonly controlSocket: string;
  close(): void;
}

/** Where a server with this data directory listens for commands. */
export const controlSocketOf = (dir: string): string => join(dir, 'control.sock');

/**
 * Makes the directory if it is not there (0700: it holds request data), takes it for this process, and brings it to
 * the present version.
 *
 * @throws DataDirError `data_dir_locked` when a server or a command holds it, `data_dir_newer` when a newer version
 *   wrote it, `data_dir_unusable` when it cannot be read or written.
 */
export function openDataDir(
  path: string,
  { version = DATA_VERSION, migrations = MIGRATIONS }: { version?: number; migrations?: readonly Migration[] } = {},
): DataDir {
  makeDirectory(path);
  const lock = takeLock(path);
  try {
    bringToVersion(path, version, migrations);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    path,
    deliveries: join(path, 'deliveries.db'),
    controlSocket: controlSocketOf(path),
    close: () => lock.close(),
  };
}

function makeDirectory(path: string): void {
  try {
    // `mkdir` answers with the first folder it made, or nothing when all were there: an existing one keeps its mode.
    if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700);
    if (!statSync(path).isDirectory())
      throw new DataDirError('data_dir_unusable', `the data directory ${path} is a file; set another \`data_dir\``);
  } catch (error) {
    if (error instanceof DataDirError) throw error;
    throw new DataDirError('data_dir_unusable', `the data directory ${path} cannot be made${reasonOf(error)}`, error);
  }
}

/** ` (EACCES)`, where the system says a reason. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';

/**
 * Node has no advisory lock of its own; an exclusive transaction on an empty SQLite file is one, and the operating
 * system gives it back however the process ends.
 */
function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    const file = join(path, 'server.lock');
    makePrivateFile(file);
    lock = new DatabaseSync(file, { timeout: 0 });
    // Nothing is ever written to it; any other mode leaves a journal beside it.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new DataDirError(
        'data_dir_locked',
        `the data directory ${path} is in use by another server or command; stop that one, or set another \`data_dir\``,
        error,
      );
    }
    throw new DataDirError(
      'data_dir_unusable',
      `the data directory ${path} cannot be written${reasonOf(error)}`,
      error,
    );
  }
}

function bringToVersion(path: string, version: number, migrations: readonly Migration[]): void {
  const file = join(path, 'VERSION');
  let found = readVersion(file);
  if (found === undefined) {
    writeVersion(file, version);
    return;
  }
  if (found > version) {
    throw new DataDirError(
      'data_dir_newer',
      `the data directory has version ${found}, and this server knows versions up to ${version}: start the newer server, or use another directory`,
    );
  }
  while (found < version) {
    const migrate = migrations[found - 1];
    if (migrate === undefined) throw new DataDirError('data_dir_unusable', `no migration from version ${found}`);
    migrate(path);
    found += 1;
    // After each step, so that an interrupted migration goes on where it stopped.
    writeVersion(file, found);
  }
}

function readVersion(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new DataDirError('data_dir_unusable', 'VERSION in the data directory cannot be read', error);
  }
  const version = Number(text.trim());
  if (!Number.isInteger(version) || version < 1) {
    throw new DataDirError('data_dir_unusable', 'VERSION in the data directory holds no version');
  }
  return version;
}

function writeVersion(file: string, version: number): void {
  try {
    writeFileSync(`${file}.tmp`, `${version}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    throw new DataDirError('data_dir_unusable', 'VERSION in the data directory cannot be written', error);
  }
}
