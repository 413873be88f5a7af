import type { StreamRecord } from './stream.ts';

/** Far above what a receiver lets in, far below what SQLite takes (10⁹ bytes a row, all columns). */
export const MAX_RECORD_BYTES = 512 * 1024 * 1024;

/** The range of `Date`. */
const MAX_TIME = 8.64e15;
const MIN_KEY = -(2n ** 63n);
const MAX_KEY = 2n ** 63n - 1n;

/** A record that the table is sure to take, so that no caller can spoil the group it is committed with. */
export interface CheckedRecord {
  readonly at: number;
  readonly key: bigint | null;
  readonly payload: string;
  readonly memo: string | null;
  /** UTF-8 bytes of payload and memo. */
  readonly bytes: number;
}

/** @throws RangeError when a record is too large, its key is not a signed 64-bit integer or its time is not a time. */
export function checkRecords(records: readonly StreamRecord[]): CheckedRecord[] {
  return records.map(({ at, key = null, payload, memo = null }) => {
    if (typeof payload !== 'string' || (memo !== null && typeof memo !== 'string')) {
      throw new RangeError('payload and memo of a stream record are text');
    }
    if (!(Math.abs(at) <= MAX_TIME)) throw new RangeError('at of a stream record is a time in milliseconds');
    if (key !== null && (typeof key !== 'bigint' || key < MIN_KEY || key > MAX_KEY)) {
      throw new RangeError('key of a stream record is a signed 64-bit bigint');
    }
    const bytes = Buffer.byteLength(payload) + (memo === null ? 0 : Buffer.byteLength(memo));
    if (bytes > MAX_RECORD_BYTES) throw new RangeError(`a stream record has at most ${MAX_RECORD_BYTES} bytes`);
    return { at, key, payload, memo, bytes };
  });
}

/** Bytes of all records together. */
export function bytesOf(records: readonly CheckedRecord[]): number {
  return records.reduce((sum, record) => sum + record.bytes, 0);
}
