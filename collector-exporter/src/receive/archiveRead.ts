import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_LINE_BYTES } from '../decode/limits.ts';
import { type ArchiveFile, listFolder, scanArchive } from './archiveFiles.ts';
import { inflate } from './archiveInflate.ts';
import { type LineBatch, lineBatches } from './archiveLines.ts';

/** Events of one delivery at most; keeps one commit of the stream short and memory flat. */
export const MAX_EVENTS_PER_DELIVERY = 1000;
/** Bytes of one delivery's lines, beyond which it is cut although it has fewer events. */
export const MAX_BYTES_PER_DELIVERY = 4 * 1024 * 1024;

/**
 * A file in which more lines are bad than good, and this many, was not written by a gateway: reading on would only cost
 * time, since a bad line costs more than a good one.
 */
const MAX_MOSTLY_BAD_LINES = 10_000;

/** True when it is not worth reading on. */
export function isMostlyBad(refused: number, accepted: number): boolean {
  return refused >= MAX_MOSTLY_BAD_LINES && refused > accepted;
}

const READ_BYTES = 256 * 1024;

/** Place in a file, counted in inflated bytes. */
export interface FilePlace {
  readonly offset: number;
  readonly lines: number;
}

export interface ReadFileOptions {
  readonly from?: FilePlace;
  /** Hears of stored (compressed) bytes as they are read. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads one archive file as batches of at most {@link MAX_EVENTS_PER_DELIVERY} lines, inflating `.gz`. Memory is
 * bounded by one batch, whatever the size of the file.
 *
 * @throws InflateError after the lines before a tear, or the error of the file system.
 */
export async function* readArchiveFile(
  root: string,
  file: ArchiveFile,
  { from = { offset: 0, lines: 0 }, onBytes, signal }: ReadFileOptions = {},
): AsyncGenerator<LineBatch, void, undefined> {
  const zipped = file.path.endsWith('.gz');
  // NOFOLLOW: the entry may have become a link since it was listed.
  const handle = await open(join(root, file.path), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const start = zipped ? 0 : from.offset;
    const stored = storedBytes(handle, start, file.size, onBytes, signal);
    yield* lineBatches(zipped ? skip(inflate(stored, { size: file.size }), from.offset) : stored, {
      from,
      maxLines: MAX_EVENTS_PER_DELIVERY,
      maxBytes: MAX_BYTES_PER_DELIVERY,
      maxLineBytes: MAX_LINE_BYTES,
    });
  } finally {
    await handle.close();
  }
}

/** A batch of lines and where it stands. */
export interface ArchiveBatch extends LineBatch {
  readonly file: ArchiveFile;
}

/** What could not be read to its end; reading goes on with the next file. */
export interface ArchiveProblem {
  readonly path: string;
  /** `torn_gzip`, `bad_gzip`, or the error code of the file system. */
  readonly code: string;
}

export interface ReadArchiveOptions {
  readonly signal?: AbortSignal;
  readonly onProblem?: (problem: ArchiveProblem) => void;
}

/** Reads a whole archive, file after file in order of partition. */
export async function* readArchive(
  dir: string,
  { signal, onProblem }: ReadArchiveOptions = {},
): AsyncGenerator<ArchiveBatch, void, undefined> {
  const tree = await scanArchive(dir, signal);
  for (const folder of tree.folders) {
    for (const file of await listFolder(tree.root, folder.path)) {
      try {
        for await (const batch of readArchiveFile(tree.root, file, signal === undefined ? {} : { signal })) {
          yield { ...batch, file };
        }
      } catch (error) {
        const code = damageOf(error);
        if (signal?.aborted === true || code === undefined) throw error;
        onProblem?.({ path: file.path, code });
      }
    }
  }
}

/** Stable code of what stopped a file; undefined for an error that is not the file's. */
export function damageOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function* storedBytes(
  handle: FileHandle,
  start: number,
  size: number,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = start;
  // What was listed is read, no more: a file that grows meanwhile has another size, and is read again by the next run.
  while (position < size) {
    signal?.throwIfAborted();
    const wanted = Math.min(READ_BYTES, size - position);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    onBytes?.(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

async function* skip(source: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes;
  for await (const piece of source) {
    if (left >= piece.length) left -= piece.length;
    else {
      yield left > 0 ? piece.subarray(left) : piece;
      left = 0;
    }
  }
}
