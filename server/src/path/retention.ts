import type { Stream } from '@aisix-observability/pipeline';

export interface KeepRule {
  /** Rows appended before this time go (epoch milliseconds). */
  readonly since: number;
  /** At most so many bytes stay. */
  readonly bytes: number;
  /** Nothing after this position goes, whatever the other rules say: somebody still has to read it. */
  readonly unread: number;
}

/**
 * The last position that may be trimmed; 0 for nothing. Costs a handful of single-row reads, however long the stream.
 */
export function trimmableTo(stream: Pick<Stream, 'read' | 'bytesAfter' | 'stats'>, rule: KeepRule): number {
  const { firstSeq, lastSeq, rows } = stream.stats();
  if (rows === 0) return 0;
  const mayGo = (seq: number): boolean => {
    const [row] = stream.read(seq - 1, { rows: 1, bytes: 1 });
    if (row === undefined) return false;
    return row.at < rule.since || stream.bytesAfter(row.seq - 1) > rule.bytes;
  };
  let low = firstSeq - 1;
  let high = Math.min(lastSeq, rule.unread);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (mayGo(middle)) low = middle;
    else high = middle - 1;
  }
  return low < firstSeq ? 0 : low;
}
