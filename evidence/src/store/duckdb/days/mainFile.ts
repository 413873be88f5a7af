import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { StoreUnavailableError } from '../../store.ts';
import { Parameters } from '../engine/parameters.ts';
import type { Session } from '../engine/session.ts';
import { mainSchema, SCHEMA_VERSION } from '../sql/schema.ts';
import { createFile, quoted } from './databaseFile.ts';

/**
 * Attaches the file of what is not of one day, and makes it when it is missing.
 *
 * @throws StoreUnavailableError when another process has it, or a newer version of the software made it.
 */
export async function openMain(session: Session, path: string): Promise<{ salt: string; position: number }> {
  if (!existsSync(path)) await createFile(session, path, mainSchema);
  await session.run(`ATTACH '${quoted(path)}' AS store`);
  const rows = await session.rows('SELECT name, value FROM store.meta');
  const meta = new Map(rows.map(([name, value]) => [String(name), String(value)]));
  const version = Number(meta.get('schema'));
  if (version > SCHEMA_VERSION) {
    throw new StoreUnavailableError(
      `the store has schema ${version}; this version of the software knows ${SCHEMA_VERSION} at most`,
    );
  }
  let salt = meta.get('salt');
  if (salt === undefined) {
    salt = randomBytes(32).toString('hex');
    const parameters = new Parameters();
    await session.run(`INSERT INTO store.meta VALUES ('salt', ${parameters.text(salt)})`, parameters);
  }
  return { salt, position: Number(meta.get('position')) };
}
