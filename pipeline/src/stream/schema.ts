import type { DatabaseSync } from 'node:sqlite';
import { StreamFileError } from './errors.ts';

/** Marks the SQLite file as ours ("strm"), so that a wrong path in a configuration never alters another program's file. */
export const APPLICATION_ID = 0x7374726d;

/** Version of the tables below; a file with a higher one is refused. */
export const SCHEMA_VERSION = 1;

/**
 * `streams`: one row per stream; sums count all bytes ever appended and ever trimmed, so that what is held is their
 * difference and nothing has to be scanned. `time_blocks`: the range of `at` in each block of positions, so that a
 * range of time is found without an index on every row. `gaps`: see `Gap`.
 */
const TABLES = `
  CREATE TABLE streams (
    name TEXT PRIMARY KEY,
    last_seq INTEGER NOT NULL DEFAULT 0,
    trimmed_seq INTEGER NOT NULL DEFAULT 0,
    appended_bytes INTEGER NOT NULL DEFAULT 0,
    trimmed_bytes INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE time_blocks (
    stream TEXT NOT NULL,
    block INTEGER NOT NULL,
    min_at REAL NOT NULL,
    max_at REAL NOT NULL,
    PRIMARY KEY (stream, block)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE cursors (
    reader TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    reader TEXT NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    from_at REAL NOT NULL,
    to_at REAL NOT NULL,
    row_count INTEGER NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (reader, from_seq, to_seq, reason)
  ) STRICT;
`;

/** What a SQLite file of ours holds, and how it is told from every other. */
export interface FileFormat {
  /** 32 bits that mark the file, so that a wrong path never alters another program's file. */
  readonly applicationId: number;
  /** Of the tables; a file with a higher one is refused. */
  readonly version: number;
  /** SQL that makes them. */
  readonly tables: string;
}

export const STREAM_FORMAT: FileFormat = { applicationId: APPLICATION_ID, version: SCHEMA_VERSION, tables: TABLES };

/** Stream names are constants of the calling rooms, and part of table names. */
const STREAM_NAME = /^[a-z_]+$/;

/**
 * The table that holds a stream's rows.
 *
 * @throws RangeError for a name that is not made of `a-z` and `_`.
 */
export function rowsTable(stream: string): string {
  if (!STREAM_NAME.test(stream)) throw new RangeError('a stream name consists of a-z and _');
  return `rows_${stream}`;
}

/**
 * Tables of one stream, whose first row gets the position after `after`. `total` is the sum of bytes of this row and of all before it, also of those already trimmed.
 * Long columns come last: SQLite walks through a row's overflow pages only as far as the columns asked for.
 */
export function createStream(db: DatabaseSync, stream: string, after: number): void {
  const table = rowsTable(stream);
  db.exec(`
    CREATE TABLE IF NOT EXISTS ${table} (
      seq INTEGER PRIMARY KEY,
      at REAL NOT NULL,
      total INTEGER NOT NULL,
      key INTEGER,
      payload TEXT NOT NULL,
      memo TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ${table}_by_key ON ${table} (key) WHERE key IS NOT NULL;
  `);
  db.prepare('INSERT OR IGNORE INTO streams (name, last_seq, trimmed_seq) VALUES (?, ?, ?)').run(stream, after, after);
}

/** True when the stream has its tables already. */
export function hasStream(db: DatabaseSync, stream: string): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(`${rowsTable(stream)}_by_key`) !== undefined;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}

/**
 * What the file is, without changing it.
 *
 * @throws StreamFileError `stream_file_foreign` or `stream_file_newer`.
 */
export function inspectSchema(db: DatabaseSync, path: string, format: FileFormat): 'empty' | 'current' {
  const applicationId = pragma(db, 'application_id');
  const objects = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (applicationId === 0 && objects === 0 && pragma(db, 'user_version') === 0) return 'empty';
  if (applicationId !== format.applicationId) throw new StreamFileError('stream_file_foreign', path);
  if (pragma(db, 'user_version') > format.version) throw new StreamFileError('stream_file_newer', path);
  return 'current';
}

/** Makes an empty file one of this format. A kill in between leaves an empty file, which is as good as none. */
export function createSchema(db: DatabaseSync, format: FileFormat, pageBytes: number): void {
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL`);
  db.exec(`
    BEGIN IMMEDIATE;
    ${format.tables}
    PRAGMA application_id = ${format.applicationId};
    PRAGMA user_version = ${format.version};
    COMMIT`);
}
