/** The stream holds as many bytes as it may: try again when its readers have caught up. */
export class StreamFullError extends Error {
  readonly code = 'stream_full';
  readonly retryAfterSeconds: number;

  constructor(stream: string, maxBytes: number, retryAfterSeconds: number) {
    super(`stream "${stream}" holds its limit of ${maxBytes} bytes`);
    this.name = 'StreamFullError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The disk refused to take the bytes (full, read-only, I/O error): nothing was stored. */
export class StreamUnavailableError extends Error {
  readonly code = 'stream_unavailable';
  readonly retryAfterSeconds: number;

  constructor(stream: string, retryAfterSeconds: number, cause: unknown) {
    super(`stream "${stream}" cannot be written`, { cause });
    this.name = 'StreamUnavailableError';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type StreamFileErrorCode =
  /** Opened read-only, and there is no such file yet. */
  | 'stream_file_missing'
  /** Not a stream file: no SQLite file, or one of another application. */
  | 'stream_file_foreign'
  /** Written by a newer version of this software. */
  | 'stream_file_newer'
  /** A stream file whose content is damaged. */
  | 'stream_file_corrupt'
  /** Another process or thread holds the file for writing. */
  | 'stream_file_locked'
  /** A write was asked of a file that was opened to read. */
  | 'stream_file_read_only'
  /** The file was closed. */
  | 'stream_file_closed'
  /** The operating system does not let it be opened or read. */
  | 'stream_file_unusable';

const FILE_MESSAGES: Readonly<Record<StreamFileErrorCode, string>> = {
  stream_file_missing: 'does not exist',
  stream_file_foreign: 'is not a stream file; it was left as it is',
  stream_file_newer: 'was written by a newer version of this software; it was left as it is',
  stream_file_corrupt: 'is damaged; move it away (with its -wal and -shm) to start with an empty one',
  stream_file_locked: 'is being written by another process or thread',
  stream_file_read_only: 'was opened to be read only',
  stream_file_closed: 'was closed',
  stream_file_unusable: 'cannot be opened or read',
};

/** Something is wrong with the file as a whole; an operator has to look at `path`. */
export class StreamFileError extends Error {
  readonly code: StreamFileErrorCode;
  readonly path: string;

  constructor(code: StreamFileErrorCode, path: string, cause?: unknown) {
    super(`stream file ${JSON.stringify(path)} ${FILE_MESSAGES[code]}`, cause === undefined ? {} : { cause });
    this.name = 'StreamFileError';
    this.code = code;
    this.path = path;
  }
}
