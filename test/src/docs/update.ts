/** Fills the tables of the documentation anew: `node test/src/docs/update.ts`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withTables } from './tables.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
for (const name of readdirSync(DOCS).filter((file) => file.endsWith('.md'))) {
  const file = new URL(name, DOCS);
  writeFileSync(file, withTables(readFileSync(file, 'utf8')));
}
