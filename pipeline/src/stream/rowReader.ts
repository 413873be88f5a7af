import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { rowsTable } from './schema.ts';
import type { KeyedRow, Stream, StreamRow } from './stream.ts';
import { timeBlockReader } from './timeBlocks.ts';

/** The reading half of a stream; the same statements serve the writer's connection and those that only read. */
export type RowReader = Pick<Stream, 'read' | 'readBetween' | 'byKey' | 'bytesAfter' | 'seqBefore' | 'stats'>;

/** `seq, at, payload, bytes of the payload`, in this order, as arrays (twice as fast as objects). */
type RawRow = readonly [seq: number, at: number, payload: string, bytes: number];

/** What a stream that has no tables yet answers. */
export const emptyReader: RowReader = {
  read: () => [],
  readBetween: () => [],
  byKey: () => [],
  bytesAfter: () => 0,
  seqBefore: () => 0,
  stats: () => ({ rows: 0, bytes: 0, firstSeq: 0, lastSeq: 0 }),
};

/** Every answer comes from few index seeks or from one bounded scan; none holds a snapshot after it returned. */
export function rowReader(db: DatabaseSync, stream: string): RowReader {
  const table = rowsTable(stream);
  const columns = 'seq, at, payload, octet_length(payload)';
  const next = db.prepare(`SELECT ${columns} FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?`);
  const between = db.prepare(`
    SELECT ${columns} FROM ${table}
    WHERE seq > ? AND seq <= ? AND at BETWEEN ? AND ? ORDER BY seq LIMIT ?`);
  for (const statement of [next, between]) statement.setReturnArrays(true);
  const keyed = db.prepare(`SELECT seq, at, payload, memo FROM ${table} WHERE key = ? ORDER BY seq`);
  const behind = db.prepare(`
    SELECT appended_bytes - max(trimmed_bytes,
      coalesce((SELECT total FROM ${table} WHERE seq <= ?2 ORDER BY seq DESC LIMIT 1), 0)) AS bytes
    FROM streams WHERE name = ?1`);
  const firstNotBefore = db.prepare(`
    SELECT seq FROM ${table} WHERE seq > ? AND seq <= ? AND at >= ? ORDER BY seq LIMIT 1`);
  const summary = db.prepare(`
    SELECT last_seq, trimmed_seq, appended_bytes - trimmed_bytes AS bytes,
      (SELECT at FROM ${table} ORDER BY seq LIMIT 1) AS oldest_at
    FROM streams WHERE name = ?`);
  const blocks = timeBlockReader(db, stream);

  function seqBefore(at: number): number {
    for (const { after, upTo } of blocks.reaching(at)) {
      const row = firstNotBefore.get(after, upTo, at);
      if (row !== undefined) return Number(row.seq) - 1;
    }
    return stats().lastSeq;
  }

  function stats() {
    const row = summary.get(stream);
    if (row === undefined) return emptyReader.stats();
    const lastSeq = Number(row.last_seq);
    const rows = lastSeq - Number(row.trimmed_seq);
    return {
      rows,
      bytes: Number(row.bytes),
      firstSeq: lastSeq === 0 ? 0 : Number(row.trimmed_seq) + 1,
      lastSeq,
      ...(rows > 0 && row.oldest_at !== null ? { oldestAt: Number(row.oldest_at) } : {}),
    };
  }

  return {
    read(after, limit) {
      const page = newPage(limit);
      page.take(next.iterate(after, page.room()));
      return page.rows;
    },
    readBetween(range, limit) {
      const page = newPage(limit);
      for (const { after, upTo } of blocks.overlapping(range)) {
        if (page.full) break;
        page.take(between.iterate(after, upTo, range.from, range.to, page.room()));
      }
      return page.rows;
    },
    byKey(key) {
      return keyed.all(key).map(
        (row): KeyedRow => ({
          seq: Number(row.seq),
          at: Number(row.at),
          payload: String(row.payload),
          memo: row.memo === null ? null : String(row.memo),
        }),
      );
    },
    bytesAfter(after) {
      return Number(behind.get(stream, after)?.bytes ?? 0);
    },
    seqBefore,
    stats,
  };
}

/** Collects rows until a limit is reached; the first row always fits. */
function newPage(limit: { readonly rows: number; readonly bytes: number }) {
  const rows: StreamRow[] = [];
  let bytes = 0;
  const page = {
    rows,
    full: !(limit.rows > 0),
    /** How many more rows may come; SQL takes a negative number or infinity for something else. */
    room: () => Math.max(0, Math.min(Math.floor(limit.rows), Number.MAX_SAFE_INTEGER) - rows.length),
    take(found: Iterable<Record<string, SQLOutputValue>>): void {
      if (page.full) return;
      for (const raw of found as unknown as Iterable<RawRow>) {
        if (rows.length > 0 && bytes + raw[3] > limit.bytes) {
          page.full = true;
          return;
        }
        rows.push({ seq: raw[0], at: raw[1], payload: raw[2] });
        bytes += raw[3];
      }
      page.full = rows.length >= limit.rows;
    },
  };
  return page;
}
