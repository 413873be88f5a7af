import { existsSync } from 'node:fs';
import type { Session } from '../engine/session.ts';
import { MAIN_MIGRATIONS, mainSchema } from '../sql/schema.ts';
import { createFile, quoted } from './databaseFile.ts';
import { migrate } from './migrate.ts';

/**
 * Attaches the file of what is not of one day, and makes it when it is missing.
 *
 * @returns the position of the stream.
 * @throws StoreUnavailableError when another process has it, or a newer version of the software made it.
 */
export async function openMain(session: Session, path: string): Promise<number> {
  if (!existsSync(path)) await createFile(session, path, mainSchema);
  await session.run(`ATTACH '${quoted(path)}' AS store`);
  await migrate(session, 'store', 'the store', MAIN_MIGRATIONS);
  const [[position] = []] = await session.rows("SELECT value FROM store.meta WHERE name = 'position'");
  return Number(position);
}
