import { basename } from 'node:path';
import type { Recorder } from '../observe/recorder.ts';
import type { Ends } from './rowWriter.ts';
import { STREAM_METRICS } from './streamMetricNames.ts';

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
        recorder.count(STREAM_METRICS.rowsAppended, after.lastSeq - before.lastSeq, { stream });
        recorder.count(STREAM_METRICS.bytesAppended, after.appendedBytes - before.appendedBytes, { stream });
      }
      if (after.trimmedSeq > before.trimmedSeq) {
        recorder.count(STREAM_METRICS.rowsTrimmed, after.trimmedSeq - before.trimmedSeq, { stream });
      }
      recorder.gauge(STREAM_METRICS.rows, after.lastSeq - after.trimmedSeq, { stream });
      recorder.gauge(STREAM_METRICS.bytes, after.appendedBytes - after.trimmedBytes, { stream });
    },
    refused(stream, reason) {
      recorder.count(STREAM_METRICS.appendsRefused, 1, { stream, reason });
    },
    committed(milliseconds, callers) {
      recorder.observe(STREAM_METRICS.commitDuration, milliseconds / 1000, { file });
      recorder.observe(STREAM_METRICS.commitCallers, callers, { file });
    },
    walBytes(bytes) {
      recorder.gauge(STREAM_METRICS.walBytes, bytes, { file });
    },
  };
}
