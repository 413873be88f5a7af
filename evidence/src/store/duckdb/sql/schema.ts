import { COLUMN_DEFINITIONS } from './columns.ts';
import { rollupSchema } from './rollups.ts';

/** Of the main file and of each day file. A newer one is refused; there is no older one to bring forward yet. */
export const SCHEMA_VERSION = 1;

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
    `CREATE TABLE ${db}.requests (${COLUMN_DEFINITIONS})`,
    `CREATE TABLE ${db}.slots (slot BIGINT, requests BIGINT, rolled BOOLEAN)`,
    ...rollupSchema(db),
  ];
}
