/** All that is kept of bytes that were refused. */
export interface RefusedRecord {
  readonly input: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** One of `REFUSAL_CODES`. */
  readonly code: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first line with every value masked, at most 256 characters. */
  readonly firstLine: string;
}
