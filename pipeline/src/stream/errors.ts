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
