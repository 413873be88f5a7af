import type { Log } from '../observe/log.ts';
import type { Recorder } from '../observe/recorder.ts';
import type { DiskSpace } from './diskRoom.ts';

/**
 * Bytes per page of a new file. A commit costs the same for each page that it writes, so long rows are cheapest on large
 * pages; rows under a key also land on random pages of their index, each of which is written whole (measured, see
 * docs/decisions.md).
 */
export const PAGE_BYTES = { longRows: 16_384, keyedRows: 8_192 } as const;

export interface StreamFileOptions {
  readonly log?: Log;
  readonly recorder?: Recorder;
  /** Milliseconds, for durations only. Default: the process's monotonic clock. */
  readonly now?: () => number;
  /** Opens a second connection, in this or another thread or process, that sees what the writer has committed. */
  readonly readOnly?: boolean;
  /** What the rows of a new file are; one that exists keeps its pages. Default `keyedRows`. */
  readonly madeFor?: keyof typeof PAGE_BYTES;
  /**
   * What the file may grow to, all streams together, rounded down to pages; its write-ahead log comes on top. Appends
   * beyond it fail like those on a full disk, and work again once rows were trimmed. Default: no limit but the disk's.
   */
  readonly maxFileBytes?: number;
  /** Asked at every append. Default: the file system of the file. */
  readonly diskSpace?: () => DiskSpace;
}
