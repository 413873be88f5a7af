import type { Cursors, Gap, Stream, StreamRow } from '../../stream/stream.ts';

export interface MemoryStream extends Stream {
  /** Appends payloads at once; `at` is the position unless given. */
  push(payloads: readonly string[], at?: number): void;
  trimNow(seq: number): void;
}

/** Rows in an array, by the rules of the real thing; nothing is durable. */
export function createMemoryStream(): MemoryStream {
  let rows: StreamRow[] = [];
  let lastSeq = 0;
  let trimmed = 0;
  const size = (some: readonly StreamRow[]) => some.reduce((sum, row) => sum + Buffer.byteLength(row.payload), 0);
  const page = (found: readonly StreamRow[], limit: { rows: number; bytes: number }) => {
    const taken: StreamRow[] = [];
    let bytes = 0;
    for (const row of found) {
      bytes += Buffer.byteLength(row.payload);
      if (taken.length >= limit.rows || (taken.length > 0 && bytes > limit.bytes)) break;
      taken.push(row);
    }
    return taken;
  };
  const after = (seq: number) => rows.slice(Math.max(seq - trimmed, 0));
  const stream: MemoryStream = {
    name: 'memory',
    push(payloads, at) {
      for (const payload of payloads) {
        lastSeq += 1;
        rows.push({ seq: lastSeq, at: at ?? lastSeq, payload });
      }
    },
    trimNow(seq) {
      rows = rows.filter((row) => row.seq > seq);
      trimmed = Math.max(trimmed, Math.min(seq, lastSeq));
    },
    async append(records) {
      return stream.appendNow(records);
    },
    appendNow(records) {
      for (const { payload, at } of records) stream.push([payload], at);
      return lastSeq;
    },
    read: (seq, limit) => page(after(seq), limit),
    readBetween: (range, limit) =>
      page(
        after(range.after).filter((row) => row.at >= range.from && row.at <= range.to),
        limit,
      ),
    byKey: () => [],
    bytesAfter: (seq) => size(after(seq)),
    seqBefore: (at) => (rows.find((row) => row.at >= at)?.seq ?? lastSeq + 1) - 1,
    stats: () => ({
      rows: rows.length,
      bytes: size(rows),
      firstSeq: lastSeq === 0 ? 0 : trimmed + 1,
      lastSeq,
      ...(rows[0] === undefined ? {} : { oldestAt: rows[0].at }),
    }),
    async trimTo(seq) {
      const before = rows.length;
      stream.trimNow(seq);
      return before - rows.length;
    },
  };
  return stream;
}

/** Cursors that keep every write, to see that none goes back or ahead. */
export function createMemoryCursors(): Cursors & { readonly writes: { reader: string; seq: number }[] } {
  const places = new Map<string, number>();
  const gaps: Gap[] = [];
  const writes: { reader: string; seq: number }[] = [];
  const same = (a: Gap, b: Gap) => a.reader === b.reader && a.fromSeq === b.fromSeq && a.toSeq === b.toSeq;
  return {
    writes,
    get: (reader) => places.get(reader),
    set(reader, seq) {
      places.set(reader, seq);
      writes.push({ reader, seq });
    },
    delete: (reader) => void places.delete(reader),
    all: () => new Map(places),
    addGap: (gap) => void gaps.push(gap),
    gaps: (reader) => gaps.filter((gap) => reader === undefined || gap.reader === reader),
    removeGap(gap) {
      const index = gaps.findIndex((other) => same(other, gap));
      if (index >= 0) gaps.splice(index, 1);
    },
  };
}
