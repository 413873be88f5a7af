/** Why a row can never be delivered. */
export type SetAsideReason =
  /** `prepare` threw. */
  | 'unpreparable'
  /** `serialize` threw. */
  | 'unserializable'
  /** Over the size that we, or the backend, take in one request. */
  | 'too_large'
  /** The backend refuses it, alone, with a status that speaks of the data. */
  | 'refused';

export interface SetAsideEntry {
  readonly destination: string;
  readonly seq: number;
  /** Of the row, in milliseconds since the epoch. */
  readonly at: number;
  readonly reason: SetAsideReason;
  readonly status?: number;
  /** Escaped and cut. */
  readonly message?: string;
  readonly payload: string;
}

/** Keeps what can never be delivered, so that a person can look at it. */
export interface SetAside {
  /** Resolves once the entry is on disk, or could not be kept and was counted so. Never throws. */
  keep(entry: SetAsideEntry): Promise<void>;
}
