import type { SourceEntry, StaleEntry } from '../../adapt/sourceState.ts';

/** What one reading of a source found. */
export interface SourceRead {
  readonly entries: readonly SourceEntry[];
  /** Absent for sources that do not know what is in force. */
  readonly stale?: readonly StaleEntry[];
  /** When the source came to hold this, epoch milliseconds, where it tells. */
  readonly writtenAt?: number;
}

/** Something that holds the whole configuration and is looked at again and again. */
export interface Source {
  /** Tells this source from another one: of another place nothing remembered is true. */
  readonly place: string;
  /**
   * What it holds now; undefined when that is what the last reading found.
   *
   * @throws SourceError
   */
  read(signal: AbortSignal): Promise<SourceRead | undefined>;
  /** Calls `changed` when it may hold something new. Returns how to stop that. */
  listen?(changed: () => void): () => void;
}
