import { constants, type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SourceError } from './sourceFault.ts';

export interface FileRead {
  readonly bytes: Buffer;
  /** Modification time, epoch milliseconds. */
  readonly writtenAt: number;
}

export interface WatchedFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** First part of the codes of faults: `cache_file`, `resources_file`. */
  readonly word: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * For formats of which a part looks like a whole: so long a file must have been left alone, by its time and by this
   * clock. Default 0.
   */
  readonly settleMillis?: number;
}

export interface WatchedFile {
  /**
   * The content, unless it is that of the last reading that was `accepted`.
   *
   * @throws SourceError `…_missing`, `…_unreadable`, `…_torn`, `…_unsettled`, `…_too_large`.
   */
  read(): Promise<FileRead | undefined>;
  /** What the last reading gave was of use: it need not be read again. */
  accepted(): void;
  listen(changed: () => void): () => void;
}

/** Two writings within one tick of a file system's clock look alike, so a file is read again so long after the first look. */
const RACY_MILLIS = 100;
/** A folder that does not exist yet is looked for so often. */
const RELISTEN_MILLIS = 2_000;

/** A file that somebody else replaces (atomically, or by writing into it) and that is read whole. */
export function watchedFile({ path, maxBytes, word, now, settleMillis = 0 }: WatchedFileOptions): WatchedFile {
  let accepted: string | undefined;
  let lastRead: { readonly identity: string; readonly at: number } | undefined;
  /** Since when the file was seen as it is. By this clock: that of a file system that is mounted may be anywhere. */
  let same: { readonly identity: string; readonly since: number } | undefined;

  async function readHandle(file: FileHandle): Promise<FileRead | undefined> {
    const before = await file.stat({ bigint: true });
    const identity = identityOf(before);
    if (identity === accepted) return undefined;
    // A clock that stepped back begins anew.
    if (same?.identity !== identity || same.since > now()) same = { identity, since: now() };
    if (before.size > BigInt(maxBytes)) {
      throw new SourceError(`${word}_too_large`, `found ${before.size} bytes, expected at most ${maxBytes}`);
    }
    const mtime = Number(before.mtimeNs / 1000n) / 1000;
    const youngest = Math.min(Math.abs(now() - mtime), now() - same.since);
    if (youngest < settleMillis) {
      throw new SourceError(`${word}_unsettled`, `written less than ${settleMillis} ms ago`, true);
    }
    const bytes = Buffer.allocUnsafe(Number(before.size) + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    const after = await file.stat({ bigint: true });
    // A replaced file keeps its content but loses its name, which changes its ctime: that is no harm.
    if (after.mtimeNs !== before.mtimeNs || after.size !== before.size || BigInt(length) !== before.size) {
      throw new SourceError(`${word}_torn`, 'the file changed while it was read', true);
    }
    lastRead = { identity, at: now() };
    return { bytes: bytes.subarray(0, length), writtenAt: Math.floor(mtime) };
  }

  return {
    async read() {
      let file: FileHandle | undefined;
      try {
        // Opening a pipe would wait for its writer.
        if (!(await stat(path)).isFile()) throw new SourceError(`${word}_unreadable`, 'expected a regular file');
        file = await open(path, constants.O_RDONLY);
        return await readHandle(file);
      } catch (error) {
        throw faultOf(error, word);
      } finally {
        await file?.close();
      }
    },
    accepted() {
      if (lastRead === undefined || same?.identity !== lastRead.identity) return;
      if (lastRead.at - same.since > RACY_MILLIS) accepted = lastRead.identity;
    },
    listen: (changed) => listenToFolder(path, changed),
  };
}

function identityOf({ ino, dev, size, mtimeNs }: { ino: bigint; dev: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${dev} ${ino} ${size} ${mtimeNs}`;
}

function faultOf(error: unknown, word: string): unknown {
  if (error instanceof SourceError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new SourceError(`${word}_missing`, 'there is no file at the configured path', true);
    case 'EACCES':
    case 'EPERM':
      return new SourceError(`${word}_unreadable`, 'permission to read the file or its folder is missing');
    default:
      return new SourceError(`${word}_unreadable`, 'the file system failed', true, { cause: error });
  }
}

/**
 * Hears of changes in the file's folder: the file itself is another one after each replacement. Folders of mounted
 * volumes tell by links in them, so every name counts but those of temporary files.
 */
function listenToFolder(path: string, changed: () => void): () => void {
  let watcher: FSWatcher | undefined;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const temporary = `${basename(path)}.tmp`;

  function begin(): void {
    if (isStopped) return;
    try {
      watcher = watch(join(dirname(path), '.'), { persistent: false }, (_event, name) => {
        if (name !== temporary) changed();
      });
      watcher.on('error', beginLater);
      changed();
    } catch {
      beginLater();
    }
  }

  function beginLater(): void {
    watcher?.close();
    watcher = undefined;
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(begin, RELISTEN_MILLIS);
    timer.unref();
  }

  begin();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    watcher?.close();
  };
}
