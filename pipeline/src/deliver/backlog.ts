import type { Cursors, Gap, Stream } from '../stream/stream.ts';

/** Why a destination will never see a part of the stream. */
export type GapReason =
  /** It stayed behind by more than it may. */
  | 'max_backlog'
  /** The stream dropped the rows (age or size) before they were read. */
  | 'trimmed';

const ONE_ROW = { rows: 1, bytes: 1 };

/**
 * A row to skip up to so that at most about `bytes` remain after it; undefined when nothing has to be skipped. Looks
 * at the stream some thirty times, and only when a destination loses its place.
 */
export function rowToSkipTo(stream: Stream, after: number, bytes: number): { seq: number; at: number } | undefined {
  let low = after;
  let high = stream.stats().lastSeq;
  if (high <= after || stream.bytesAfter(after) <= bytes) return undefined;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (stream.bytesAfter(middle) <= bytes) high = middle;
    else low = middle;
  }
  const row = stream.read(high - 1, ONE_ROW)[0];
  return row === undefined ? undefined : { seq: row.seq, at: row.at };
}

/** Writes a gap down; one that follows the last without a row between becomes one with it, so that they stay few. */
export function recordGap(cursors: Cursors, gap: Gap): void {
  const before = cursors
    .gaps(gap.reader)
    .find((other) => other.toSeq + 1 === gap.fromSeq && other.reason === gap.reason);
  if (before === undefined) {
    cursors.addGap(gap);
    return;
  }
  cursors.addGap({ ...gap, fromSeq: before.fromSeq, from: before.from, rows: before.rows + gap.rows });
  cursors.removeGap(before);
}
