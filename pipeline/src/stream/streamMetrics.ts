import type { Recorder } from '../observe/recorder.ts';
import type { Ends } from './rowWriter.ts';

/** Names of what streams report through the `Recorder`; each is explained in `STREAM_METRIC_HELP`. */
export const STREAM_METRICS = {
  rowsAppended: 'aisix_stream_rows_appended',
  bytesAppended: 'aisix_stream_bytes_appended',
  rowsTrimmed: 'aisix_stream_rows_trimmed',
  rows: 'aisix_stream_rows',
  bytes: 'aisix_stream_bytes',
  appendsRefused: 'aisix_stream_appends_refused',
  commitDuration: 'aisix_stream_commit_duration',
  commitCallers: 'aisix_stream_commit_callers',
  walBytes: 'aisix_stream_wal_bytes',
} as const;

type StreamMetric = (typeof STREAM_METRICS)[keyof typeof STREAM_METRICS];

/** What each metric says. Those of one stream carry the label `stream`. */
export const STREAM_METRIC_HELP: Readonly<Record<StreamMetric, string>> = {
  aisix_stream_rows_appended: 'Rows appended to a durable stream',
  aisix_stream_bytes_appended: 'Bytes appended to a durable stream',
  aisix_stream_rows_trimmed: 'Rows dropped from the old end of a durable stream',
  aisix_stream_rows: 'Rows held by a durable stream',
  aisix_stream_bytes: 'Bytes held by a durable stream',
  aisix_stream_appends_refused: 'Appends that a durable stream did not take, by reason',
  aisix_stream_commit_duration: 'Time of one commit to the disk',
  aisix_stream_commit_callers: 'Callers that shared one commit',
  aisix_stream_wal_bytes: 'Size of the write-ahead log of a file of streams',
};

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

/** What the streams of a file count, by stream name (names are constants, so the label set is bounded). */
export interface StreamMetrics {
  /** What came of a commit: the ends of a stream before and after it. */
  moved(stream: string, before: Ends, after: Ends): void;
  refused(stream: string, reason: RefusalReason): void;
  /** One group commit: how long it took in milliseconds, how many callers shared it. */
  committed(milliseconds: number, callers: number): void;
  walBytes(bytes: number): void;
}

export function streamMetrics(recorder: Recorder): StreamMetrics {
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
      recorder.observe(STREAM_METRICS.commitDuration, milliseconds / 1000);
      recorder.observe(STREAM_METRICS.commitCallers, callers);
    },
    walBytes(bytes) {
      recorder.gauge(STREAM_METRICS.walBytes, bytes);
    },
  };
}
