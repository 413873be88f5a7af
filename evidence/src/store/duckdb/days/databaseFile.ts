import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { unavailable } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';

/** A file under this name is not finished and holds nothing. */
export const UNFINISHED = '.new';

/** What is committed and not yet in its file, as the engine calls it. */
export const LOG = '.wal';

/**
 * Makes a database file under another name and gives it its own when it is whole on the disk, so that a file is never
 * found half-made.
 *
 * @param schema statements, given how the file is called in them.
 */
export async function createFile(
  session: Session,
  path: string,
  schema: (db: string) => readonly string[],
): Promise<void> {
  const unfinished = `${path}${UNFINISHED}`;
  for (const leftover of [unfinished, `${unfinished}${LOG}`, `${path}${LOG}`]) rmSync(leftover, { force: true });
  await session.run(`ATTACH '${quoted(unfinished)}' AS making`);
  try {
    for (const sql of schema('making')) await session.run(sql);
    await session.run('CHECKPOINT making');
  } finally {
    await session.run('DETACH making');
  }
  try {
    renameSync(unfinished, path);
    syncDirectory(dirname(path));
  } catch (error) {
    throw unavailable(error);
  }
}

/** Paths are the only texts of ours in SQL: the engine takes no parameter in ATTACH. */
export function quoted(path: string): string {
  return path.replaceAll("'", "''");
}

/** Bytes of a file, 0 of none. */
export function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** The name of a new file lasts only when its directory is on the disk. */
function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
