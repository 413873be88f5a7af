import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where builds are kept; `pnpm install` leaves it alone, and nothing in it is missed. */
export const CACHE = join(import.meta.dirname, '../../../../node_modules/.cache/aisix-preview');

/** Builds of one kind that stay, so that going back and forth between two branches builds nothing. */
const KEPT = 3;

/**
 * The folder of a build: found under its hash, or made. It gets its name only when it is whole, so that a build that was
 * interrupted is never taken for one, and two that make it at the same time do not disturb each other.
 */
export async function cached(kind: string, hash: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, `${kind}-${hash}`);
  if (await exists(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, `.${kind}-`));
  try {
    await make(draft);
    await rename(draft, folder).catch(async (error: unknown) => {
      // Somebody else was faster; theirs is the same.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await forget(kind, folder);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function forget(kind: string, newest: string): Promise<void> {
  const names = (await readdir(CACHE)).filter((name) => name.startsWith(`${kind}-`));
  const aged = await Promise.all(
    names.map(async (name) => ({ path: join(CACHE, name), time: (await stat(join(CACHE, name))).mtimeMs })),
  );
  const old = aged.filter(({ path }) => path !== newest).sort((a, b) => b.time - a.time);
  for (const { path } of old.slice(KEPT - 1)) await rm(path, { recursive: true, force: true });
}
