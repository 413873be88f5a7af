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

/** What each metric of streams says. `stream` is its name, `file` the file that holds it. */
export const STREAM_METRIC_HELP: Readonly<Record<(typeof STREAM_METRICS)[keyof typeof STREAM_METRICS], string>> = {
  aisix_stream_rows: 'Rows held by a durable stream',
  aisix_stream_bytes: 'Bytes held by a durable stream',
  aisix_stream_rows_appended: 'Rows that were made durable, by stream',
  aisix_stream_bytes_appended: 'Bytes that were made durable, by stream',
  aisix_stream_rows_trimmed: 'Rows that nobody needs any more and that were dropped, by stream',
  aisix_stream_appends_refused:
    'Appends that a stream did not take, by reason: `full` (its bound), `no_room` (the disk has too little left), `unavailable` (the disk refused), `closed` (the server stops)',
  aisix_stream_commit_duration: 'Time of one commit with its fsync, by file',
  aisix_stream_commit_callers: 'Appends that shared one commit, by file',
  aisix_stream_wal_bytes: 'Size of the write-ahead log beside a stream file',
};

/** Bucket boundaries of the histogram that is no duration: from a lone sender to as many as listeners let in. */
export const STREAM_METRIC_BOUNDARIES: Readonly<Record<string, readonly number[]>> = {
  aisix_stream_commit_callers: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
};
