/** One record to append. */
export interface StreamRecord {
  /** What every reader gets, usually JSON text. */
  readonly payload: string;
  /** Milliseconds since the epoch; `trim` by age goes by it. */
  readonly at: number;
  /** Signed 64-bit; records with the same key can be found again with `byKey`. */
  readonly key?: bigint;
  /** Kept beside the payload for `byKey` only; readers do not pay for it. */
  readonly memo?: string;
}

export interface StreamRow {
  /** Position: strictly increasing, never used again, starts at 1. */
  readonly seq: number;
  readonly at: number;
  readonly payload: string;
}

export interface KeyedRow extends StreamRow {
  readonly memo: string | null;
}

export interface StreamStats {
  readonly rows: number;
  /** Sum of payloads and memos, in bytes of UTF-8. */
  readonly bytes: number;
  /** First and last position held; both 0 when nothing was ever appended. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** `at` of the oldest row held. */
  readonly oldestAt?: number;
}

/** Stands for the part of a stream that a reader will never see because its place was released. */
export interface Gap {
  readonly reader: string;
  /** First and last position missed, both inclusive. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** `at` of the first and the last row missed. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly reason: string;
}

/** An append-only named sequence of records with one durable cursor per reader. */
export interface Stream {
  readonly name: string;
  /**
   * Appends all records or none, together with what other callers append in the same moment (group commit).
   * Resolves with the last position once the bytes would survive `kill -9` and power failure.
   *
   * @throws StreamFullError when the stream holds `maxBytes`; nothing was stored.
   * @throws StreamUnavailableError when the disk refused (full, read-only, I/O); nothing was stored.
   */
  append(records: readonly StreamRecord[]): Promise<number>;
  /** The same at once, for use inside `StreamFile.transact`; no size bound is checked. */
  appendNow(records: readonly StreamRecord[]): number;
  /** Rows after a position, oldest first, at most `rows` and about `bytes` (at least one row if there is any). */
  read(after: number, limit: { readonly rows: number; readonly bytes: number }): StreamRow[];
  /** Rows whose `at` lies in the range, in order of position, a page at a time. */
  readBetween(
    range: { readonly from: number; readonly to: number; readonly after: number },
    limit: { readonly rows: number; readonly bytes: number },
  ): StreamRow[];
  /** All rows held under a key, oldest first. */
  byKey(key: bigint): KeyedRow[];
  /** Bytes between a position and the end: how far behind a reader is. */
  bytesAfter(after: number): number;
  /** The last position such that it and all before it have an `at` earlier than this: what `trimTo` takes to trim by age. */
  seqBefore(at: number): number;
  stats(): StreamStats;
  /** Drops rows up to and including a position, in bounded steps; the space is used again. Resolves with the rows dropped. */
  trimTo(seq: number): Promise<number>;
}

/** Durable places of readers, and the gaps that they were made to skip. Used inside or outside `transact`. */
export interface Cursors {
  get(reader: string): number | undefined;
  set(reader: string, seq: number): void;
  delete(reader: string): void;
  all(): ReadonlyMap<string, number>;
  addGap(gap: Gap): void;
  gaps(reader?: string): readonly Gap[];
  removeGap(gap: Gap): void;
}

/** One SQLite file that holds streams and cursors. A file has one writing process-thread at a time. */
export interface StreamFile {
  /**
   * The same object for the same name. `maxBytes` bounds `append`. A stream that is made now, and not found, gives its
   * first row the position after `newAfter`: for one that takes the place of a lost one, whose positions others know.
   *
   * @default newAfter 0
   */
  stream(name: string, options?: { readonly maxBytes?: number; readonly newAfter?: number }): Stream;
  readonly cursors: Cursors;
  /** Runs `work` in one transaction: all of it is durable when this returns, or none of it if it throws. */
  transact<T>(work: () => T): T;
  /**
   * The same without waiting for the disk: survives a kill at once, a power failure only when a later `transact` has
   * returned. For what can be derived again from something durable.
   */
  transactRelaxed<T>(work: () => T): T;
  /** Waits for appends that were accepted, checkpoints, closes. */
  close(): Promise<void>;
}
