import type { Log } from '../observe/log.ts';
import type { Recorder } from '../observe/recorder.ts';
import type { DiskSpace } from './diskRoom.ts';

export interface StreamFileOptions {
  readonly log?: Log;
  readonly recorder?: Recorder;
  /** Milliseconds, for durations only. Default: the process's monotonic clock. */
  readonly now?: () => number;
  /** Opens a second connection, in this or another thread or process, that sees what the writer has committed. */
  readonly readOnly?: boolean;
  /**
   * What the file may grow to, all streams together, rounded down to pages; its write-ahead log comes on top. Appends
   * beyond it fail like those on a full disk, and work again once rows were trimmed. Default: no limit but the disk's.
   */
  readonly maxFileBytes?: number;
  /** Asked at every append. Default: the file system of the file. */
  readonly diskSpace?: () => DiskSpace;
}
