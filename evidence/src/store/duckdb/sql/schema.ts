import { COLUMN_DEFINITIONS, COLUMN_NAMES } from './columns.ts';
import { IS_FAILED, TABLES_OF_DAY } from './failed.ts';
import { rollupSchema } from './rollups.ts';

/** Of the main file and of each day file. A newer one is refused, an older one is brought forward when it is opened. */
export const SCHEMA_VERSION = 2;

/** Of the main file: open requests, and everything that is not of one day. `db` is how it is called in SQL. */
export function mainSchema(db: string): readonly string[] {
  return [
    `CREATE TABLE ${db}.meta (name VARCHAR, value VARCHAR)`,
    `INSERT INTO ${db}.meta VALUES ('schema', '${SCHEMA_VERSION}'), ('position', '0')`,
    `CREATE TABLE ${db}.names (environment VARCHAR, kind VARCHAR, id VARCHAR, name VARCHAR)`,
    `CREATE TABLE ${db}.open (${COLUMN_DEFINITIONS})`,
  ];
}

/** Of a day's file. */
export function daySchema(db: string): readonly string[] {
  return [
    `CREATE TABLE ${db}.meta (name VARCHAR, value VARCHAR)`,
    `INSERT INTO ${db}.meta VALUES ('schema', '${SCHEMA_VERSION}')`,
    ...TABLES_OF_DAY.map((table) => `CREATE TABLE ${db}.${table} (${COLUMN_DEFINITIONS})`),
    `CREATE TABLE ${db}.slots (slot BIGINT, requests BIGINT, rolled BOOLEAN)`,
    ...rollupSchema(db),
  ];
}

/** Statements that bring a main file from a version (index + 1) to the next; run in one transaction with its number. */
export const MAIN_MIGRATIONS: readonly ((db: string) => readonly string[])[] = [
  // 2: only days are different.
  () => [],
];

/** The same for a day's file. */
export const DAY_MIGRATIONS: readonly ((db: string) => readonly string[])[] = [
  // 2: requests that did not succeed stand apart.
  (db) => [
    `CREATE TABLE ${db}.failed (${COLUMN_DEFINITIONS})`,
    `INSERT INTO ${db}.failed (${COLUMN_NAMES}) SELECT ${COLUMN_NAMES} FROM ${db}.requests r WHERE ${IS_FAILED} ORDER BY r.rowid`,
    `DELETE FROM ${db}.requests r WHERE ${IS_FAILED}`,
  ],
];
