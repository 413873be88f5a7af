import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** What the first row is chained to. */
export const CHAIN_START = Buffer.alloc(32);

/** One row of the ledger; `body` is canonical JSON. */
export interface ChainedRow {
  /** From 1, without holes. */
  readonly seq: number;
  /** When it was taken in, epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  readonly body: string;
}

/** The end of the chain: whoever holds a copy can tell that nothing before it was changed or cut off since. */
export interface ChainHead {
  readonly seq: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
  /** When its row was taken in, epoch milliseconds. */
  readonly at: number;
}

/** `hash_n = SHA-256(hash_{n-1} ‖ JCS(row_n))`. */
export function chainHash(previous: Uint8Array, row: ChainedRow): Buffer {
  return createHash('sha256').update(previous).update(canonicalRow(row)).digest();
}

/** The row in canonical JSON. Its keys stand in order here, its body is canonical already. */
function canonicalRow({ seq, at, type, body }: ChainedRow): string {
  return `{"at":${JSON.stringify(at)},"body":${body},"seq":${JSON.stringify(seq)},"type":${JSON.stringify(type)}}`;
}

/** Stands for the oldest rows, which retention dropped. */
export interface Tombstone {
  readonly from: number;
  /** The last row dropped; the next one is chained to `lastHash`. */
  readonly to: number;
  readonly rows: number;
  readonly lastHash: string;
  /** Over the ids of the observations in all rows dropped, which stay known. Version 1 had none: see `idsHash`. */
  readonly idsHash?: string;
  /** Everything taken in before this moment was to be dropped, epoch milliseconds. */
  readonly before: number;
}

/** The newest one counts everything that was dropped before it. It is checked with its row. */
export function lastTombstone(db: DatabaseSync): Tombstone | undefined {
  const row = db.prepare("SELECT body FROM rows WHERE type = 'tombstone' ORDER BY seq DESC LIMIT 1").get();
  if (row === undefined) return undefined;
  try {
    const { from, to, rows, lastHash, idsHash, before } = JSON.parse(String(row.body)) as Tombstone;
    if (!Number.isSafeInteger(to) || !HASH.test(lastHash)) return undefined;
    return { from, to, rows, lastHash, ...(idsHash !== undefined && { idsHash }), before };
  } catch {
    // Altered: its row will say so.
    return undefined;
  }
}

const HASH = /^[0-9a-f]{64}$/;
