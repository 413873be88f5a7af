import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes of the file system that holds the stream file. */
export interface DiskSpace {
  readonly availableBytes: number;
  readonly totalBytes: number;
}

/**
 * What appends leave free. On a disk that is full to the last byte SQLite can neither drop rows nor note a reader's
 * place, because both go through the log, so that nothing would ever make room again. This much holds the log at its
 * largest plus what copying it may add to the file.
 */
export const KEPT_FREE_BYTES = 64 * 1024 * 1024;

/** Of a small volume, not more than this part is kept free. */
const KEPT_FREE_PART = 1 / 4;

/** Bytes are on the disk twice for a while: in the log and in the file. */
const COPIES = 2;

export interface DiskRoom {
  /** Room for new bytes from outside. */
  toAccept(bytes: number): boolean;
  /** Room for bytes that were derived from accepted ones: may use half of what is kept, so that they can move on. */
  toMoveOn(bytes: number): boolean;
}

/** The file system of `path`; one that does not tell counts as endless, and SQLite finds out. */
export function diskSpaceAt(path: string): DiskSpace {
  try {
    const { bavail, blocks, bsize } = statfsSync(dirname(path));
    return { availableBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return { availableBytes: Number.POSITIVE_INFINITY, totalBytes: Number.POSITIVE_INFINITY };
  }
}

/** @param space asked each time; a call takes microseconds. */
export function diskRoom(space: () => DiskSpace): DiskRoom {
  const leaves = (bytes: number, partOfKept: number): boolean => {
    const { availableBytes, totalBytes } = space();
    const kept = Math.min(KEPT_FREE_BYTES, totalBytes * KEPT_FREE_PART);
    return availableBytes - bytes * COPIES >= kept * partOfKept;
  };
  return { toAccept: (bytes) => leaves(bytes, 1), toMoveOn: (bytes) => leaves(bytes, 1 / 2) };
}
