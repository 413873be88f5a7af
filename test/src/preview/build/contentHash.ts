import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Characters of a hash in the name of a folder: enough that two contents never share one. */
const HASH_CHARACTERS = 20;

/**
 * Hash over names and contents of files and whole folders, the same on every machine.
 *
 * @param root what names are relative to, so that the place of the checkout does not matter
 * @param ignored whether a file, by its name relative to `root`, has no say
 */
export async function contentHash(
  root: string,
  paths: readonly string[],
  ignored: (name: string) => boolean = () => false,
): Promise<string> {
  const files = (await Promise.all(paths.map((path) => filesOf(join(root, path))))).flat();
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const name = relative(root, file);
    if (ignored(name)) continue;
    const bytes = await readFile(file);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, HASH_CHARACTERS);
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
