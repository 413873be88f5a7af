import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of an archive. */
export interface ArchiveFile {
  /** Relative to the archive's directory, with `/`. */
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** One folder that holds archive files itself. */
export interface ArchiveFolder {
  /** Relative to the archive's directory; empty for the directory itself. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** `symlink`: never followed. `not_a_file`: a pipe, socket or device. `too_deep`: beyond {@link MAX_DEPTH}. */
export type SkipReason = 'symlink' | 'not_a_file' | 'too_deep' | 'unreadable';

export interface SkippedPath {
  readonly path: string;
  readonly reason: SkipReason;
}

export interface ArchiveTree {
  /** With links resolved. */
  readonly root: string;
  /** In order of partition (`dt`, `hh`), then folders without one, then `dt=unknown`. */
  readonly folders: readonly ArchiveFolder[];
  readonly files: number;
  readonly bytes: number;
  readonly skipped: readonly SkippedPath[];
  /** All that were skipped, also those not listed. */
  readonly skippedCount: number;
}

/** Folders below the archive's directory; partitions under a bucket's prefix need a handful. */
export const MAX_DEPTH = 16;
/** Skipped paths that are listed by name; the rest is counted. */
const MAX_SKIPPED_LISTED = 100;
/** Files looked at in one go: enough to keep the disk busy, few enough for any limit of open files. */
const LOOKS_AT_ONCE = 64;

const ARCHIVE_NAME = /\.ndjson(?:\.gz)?$/;

/**
 * Finds what a directory holds. Only totals per folder are kept, so that millions of files cost no memory; the files
 * of a folder are listed again with {@link listFolder} when their turn comes.
 *
 * Links are never followed: what they point to inside the directory is read under its own name, and what lies outside
 * was not asked for.
 *
 * @throws when the directory itself cannot be read.
 */
export async function scanArchive(dir: string, signal?: AbortSignal): Promise<ArchiveTree> {
  const root = await realpath(dir);
  const folders: ArchiveFolder[] = [];
  const skipped: SkippedPath[] = [];
  let skippedCount = 0;
  const skip = (path: string, reason: SkipReason) => {
    skippedCount += 1;
    if (skipped.length < MAX_SKIPPED_LISTED) skipped.push({ path, reason });
  };

  async function visit(path: string, depth: number): Promise<void> {
    signal?.throwIfAborted();
    if (depth > MAX_DEPTH) return skip(path, 'too_deep');
    const below: string[] = [];
    for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
      const inside = join(path, entry.name);
      if (entry.isSymbolicLink()) skip(inside, 'symlink');
      else if (entry.isDirectory()) below.push(inside);
      else if (ARCHIVE_NAME.test(entry.name) && !entry.isFile()) skip(inside, 'not_a_file');
    }
    const files = await listFolder(root, path);
    if (files.length > 0) {
      folders.push({ path, files: files.length, bytes: files.reduce((sum, file) => sum + file.size, 0) });
    }
    for (const inside of below.sort()) {
      try {
        await visit(inside, depth + 1);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        skip(inside, 'unreadable');
      }
    }
  }

  await visit('', 0);
  folders.sort((a, b) => compare(orderOf(a.path), orderOf(b.path)));
  return {
    root,
    folders,
    files: folders.reduce((sum, folder) => sum + folder.files, 0),
    bytes: folders.reduce((sum, folder) => sum + folder.bytes, 0),
    skipped,
    skippedCount,
  };
}

/**
 * The archive files of one folder in the order in which they were written, as far as their times tell (names are
 * hashes and tell nothing): requests whose events lie in neighbouring files then meet soon.
 */
export async function listFolder(root: string, path: string): Promise<ArchiveFile[]> {
  const names = (await readdir(join(root, path), { withFileTypes: true }))
    .filter((entry) => entry.isFile() && ARCHIVE_NAME.test(entry.name))
    .map((entry) => entry.name);
  const files: ArchiveFile[] = [];
  for (let start = 0; start < names.length; start += LOOKS_AT_ONCE) {
    const looks = names.slice(start, start + LOOKS_AT_ONCE).map(async (name): Promise<ArchiveFile | undefined> => {
      const file = join(path, name);
      const seen = await lstat(join(root, file)).catch(() => undefined);
      return seen?.isFile() === true ? { path: file, size: seen.size, mtimeMs: seen.mtimeMs } : undefined;
    });
    for (const file of await Promise.all(looks)) if (file !== undefined) files.push(file);
  }
  return files.sort((a, b) => a.mtimeMs - b.mtimeMs || compare(a.path, b.path));
}

/** Sorts by partition whatever lies above it, so that several prefixes advance through time together. */
function orderOf(path: string): string {
  const day = /(?:^|\/)dt=([^/]*)/.exec(path)?.[1];
  const hour = /(?:^|\/)hh=([^/]*)/.exec(path)?.[1] ?? '';
  // `~` sorts after digits and letters.
  const partition = day === undefined ? '~' : /^\d/.test(day) ? `${day} ${hour}` : '~~';
  return `${partition}\n${path}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
