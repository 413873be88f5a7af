import type { DatabaseSync } from 'node:sqlite';

/**
 * Positions per block. Small enough that one block is scanned in about a millisecond, large enough that a stream of
 * four million rows has only four thousand blocks to look through.
 */
export const BLOCK_ROWS = 1024;

/** The positions of a block, first exclusive and last inclusive, as the row queries want them. */
export interface SeqRange {
  readonly after: number;
  readonly upTo: number;
}

const blockOf = (seq: number): number => Math.floor((seq - 1) / BLOCK_ROWS);
const startOf = (block: number): number => block * BLOCK_ROWS;

/** Notes the range of `at` per block of positions. */
export interface TimeBlockWriter {
  /** Rows just appended, the first of them at position `firstSeq`. */
  add(firstSeq: number, records: readonly { readonly at: number }[]): void;
  /** Forgets the blocks that lie wholly at or before `seq`. */
  trimTo(seq: number): void;
}

export function timeBlockWriter(db: DatabaseSync, stream: string): TimeBlockWriter {
  const upsert = db.prepare(`
    INSERT INTO time_blocks (stream, block, min_at, max_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (stream, block) DO UPDATE SET min_at = min(min_at, ?3), max_at = max(max_at, ?4)`);
  const trim = db.prepare('DELETE FROM time_blocks WHERE stream = ? AND block < ?');
  return {
    add(firstSeq, records) {
      for (let index = 0; index < records.length; ) {
        const block = blockOf(firstSeq + index);
        const end = Math.min(records.length, startOf(block + 1) + 1 - firstSeq);
        let min = Number.POSITIVE_INFINITY;
        let max = Number.NEGATIVE_INFINITY;
        for (; index < end; index += 1) {
          const at = (records[index] as { readonly at: number }).at;
          if (at < min) min = at;
          if (at > max) max = at;
        }
        upsert.run(stream, block, min, max);
      }
    },
    trimTo(seq) {
      trim.run(stream, blockOf(seq + 1));
    },
  };
}

/** Finds the parts of a stream that may hold rows of a range of time. */
export interface TimeBlockReader {
  /** Ranges of positions after `after` whose blocks overlap `[from, to]`, neighbours joined, oldest first. */
  overlapping(range: { readonly from: number; readonly to: number; readonly after: number }): SeqRange[];
  /**
   * The first two blocks that had a row at or after a time. Two, because the oldest block held keeps its range when a
   * part of it is trimmed, so that the row in question may be gone from it.
   */
  reaching(at: number): SeqRange[];
}

export function timeBlockReader(db: DatabaseSync, stream: string): TimeBlockReader {
  const overlap = db.prepare(`
    SELECT block FROM time_blocks
    WHERE stream = ? AND block >= ? AND max_at >= ? AND min_at <= ? ORDER BY block`);
  const reaching = db.prepare(`
    SELECT block FROM time_blocks WHERE stream = ? AND max_at >= ? ORDER BY block LIMIT 2`);
  return {
    overlapping({ from, to, after }) {
      const ranges: { after: number; upTo: number }[] = [];
      for (const row of overlap.iterate(stream, blockOf(after + 1), from, to)) {
        const start = startOf(Number(row.block));
        const last = ranges.at(-1);
        if (last?.upTo === start) last.upTo = start + BLOCK_ROWS;
        else ranges.push({ after: Math.max(after, start), upTo: start + BLOCK_ROWS });
      }
      return ranges;
    },
    reaching(at) {
      return reaching.all(stream, at).map((row) => {
        const start = startOf(Number(row.block));
        return { after: start, upTo: start + BLOCK_ROWS };
      });
    },
  };
}
