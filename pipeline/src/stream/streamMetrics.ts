import { basename } from 'node:path';
import type { Recorder } from '../observe/recorder.ts';
import type { Ends } from './rowWriter.ts';

/** Why an append was refused; the values of the label `reason`. */
export type RefusalReason =
  /** The stream holds its `maxBytes`. */
  | 'full'
  /** The disk has less room than appends leave free. */
  | 'no_room'
  /** The disk did not take it. */
  | 'unavailable'
  /** The file is closing. */
  | 'closed';

/** What a file and its streams count (names of both are constants, so the label set is bounded). */
export interface StreamMetrics {
  /** What came of a commit: the ends of a stream before and after it. */
  moved(stream: string, before: Ends, after: Ends): void;
  refused(stream: string, reason: RefusalReason): void;
  /** One group commit: how long it took in milliseconds, how many callers shared it. */
  committed(milliseconds: number, callers: number): void;
  walBytes(bytes: number): void;
}

/** Their help is `STREAM_METRIC_HELP`. @param path of the file; its name without `.db` is the label `file`. */
export function streamMetrics(recorder: Recorder, path: string): StreamMetrics {
  const file = basename(path, '.db');
  return {
    moved(stream, before, after) {
      if (after.lastSeq > before.lastSeq) {
        recorder.count('aisix_stream_rows_appended', after.lastSeq - before.lastSeq, { stream });
        recorder.count('aisix_stream_bytes_appended', after.appendedBytes - before.appendedBytes, { stream });
      }
      if (after.trimmedSeq > before.trimmedSeq) {
        recorder.count('aisix_stream_rows_trimmed', after.trimmedSeq - before.trimmedSeq, { stream });
      }
      recorder.gauge('aisix_stream_rows', after.lastSeq - after.trimmedSeq, { stream });
      recorder.gauge('aisix_stream_bytes', after.appendedBytes - after.trimmedBytes, { stream });
    },
    refused(stream, reason) {
      recorder.count('aisix_stream_appends_refused', 1, { stream, reason });
    },
    committed(milliseconds, callers) {
      recorder.observe('aisix_stream_commit_duration', milliseconds / 1000, { file });
      recorder.observe('aisix_stream_commit_callers', callers, { file });
    },
    walBytes(bytes) {
      recorder.gauge('aisix_stream_wal_bytes', bytes, { file });
    },
  };
}
