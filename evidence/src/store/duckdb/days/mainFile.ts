import { existsSync } from 'node:fs';
import { StoreUnavailableError } from '../../store.ts';
import type { Session } from '../engine/session.ts';
import { mainSchema, SCHEMA_VERSION } from '../sql/schema.ts';
import { createFile, quoted } from './databaseFile.ts';

/**
 * Attaches the file of what is not of one day, and makes it when it is missing.
 *
 * @returns the position of the stream.
 * @throws StoreUnavailableError when another process has it, or a newer version of the software made it.
 */
export async function openMain(session: Session, path: string): Promise<number> {
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
  return Number(meta.get('position'));
}
