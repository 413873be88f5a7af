import { StoreUnavailableError } from '../../store.ts';
import type { Session } from '../engine/session.ts';
import { SCHEMA_VERSION } from '../sql/schema.ts';

/**
 * Brings a file that is attached as `db` to the present version, one step and one transaction at a time: a kill in
 * between leaves it at a version that is known.
 *
 * @param what the file, as messages call it.
 * @throws StoreUnavailableError when a newer version of the software made it.
 */
export async function migrate(
  session: Session,
  db: string,
  what: string,
  migrations: readonly ((db: string) => readonly string[])[],
): Promise<void> {
  const [[found] = []] = await session.rows(`SELECT value FROM ${db}.meta WHERE name = 'schema'`);
  const version = Number(found);
  if (version > SCHEMA_VERSION) {
    throw new StoreUnavailableError(
      `${what} has schema ${version}; this version of the software knows ${SCHEMA_VERSION} at most`,
    );
  }
  for (let at = version; at < SCHEMA_VERSION; at += 1) {
    await session.run('BEGIN');
    try {
      for (const sql of migrations[at - 1]?.(db) ?? []) await session.run(sql);
      await session.run(`UPDATE ${db}.meta SET value = '${at + 1}' WHERE name = 'schema'`);
      await session.run('COMMIT');
    } catch (error) {
      await session.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
  if (version < SCHEMA_VERSION) await session.run(`CHECKPOINT ${db}`);
}
