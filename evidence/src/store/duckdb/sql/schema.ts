import { COLUMN_DEFINITIONS } from './columns.ts';

/** Of the main file and of each day file; `migrations.ts` brings older ones forward. */
export const SCHEMA_VERSION = 1;

/** How requests are held that are still open, and everything that is not of one day. */
export const MAIN_SCHEMA: readonly string[] = [
  'CREATE TABLE store.meta (name VARCHAR, value VARCHAR)',
  'CREATE TABLE store.names (environment VARCHAR, kind VARCHAR, id VARCHAR, name VARCHAR)',
  `CREATE TABLE store.open (${COLUMN_DEFINITIONS})`,
];

/** Each has a column `slot`, and rows only of slots that are rolled up. */
export const ROLLUP_TABLES: readonly string[] = [];

/** `db`: how the day's file is called in SQL. */
export function daySchema(db: string): readonly string[] {
  return [
    `CREATE TABLE ${db}.meta (name VARCHAR, value VARCHAR)`,
    `INSERT INTO ${db}.meta VALUES ('schema', '${SCHEMA_VERSION}')`,
    `CREATE TABLE ${db}.requests (${COLUMN_DEFINITIONS})`,
    `CREATE TABLE ${db}.slots (slot BIGINT, requests BIGINT, rolled BOOLEAN)`,
  ];
}
