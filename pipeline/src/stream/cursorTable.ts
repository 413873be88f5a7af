import type { DatabaseSync } from 'node:sqlite';
import type { Cursors, Gap } from './stream.ts';

/** Runs a single write, in a transaction of its own unless the caller is in one. */
export type Write = <T>(work: () => T) => T;

/** Cursors and gaps in their tables; nothing is kept in memory, so that a second connection sees the same. */
export function cursorTable(db: DatabaseSync, write: Write): Cursors {
  const get = db.prepare('SELECT seq FROM cursors WHERE reader = ?');
  const set = db.prepare(
    'INSERT INTO cursors (reader, seq) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET seq = ?2',
  );
  const remove = db.prepare('DELETE FROM cursors WHERE reader = ?');
  const all = db.prepare('SELECT reader, seq FROM cursors ORDER BY reader');
  const addGap = db.prepare(`
    INSERT INTO gaps (reader, from_seq, to_seq, from_at, to_at, row_count, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (reader, from_seq, to_seq, reason) DO UPDATE SET from_at = ?4, to_at = ?5, row_count = ?6`);
  const gaps = db.prepare('SELECT * FROM gaps WHERE ?1 IS NULL OR reader = ?1 ORDER BY id');
  const removeGap = db.prepare('DELETE FROM gaps WHERE reader = ? AND from_seq = ? AND to_seq = ? AND reason = ?');

  return {
    get(reader) {
      const row = get.get(reader);
      return row === undefined ? undefined : Number(row.seq);
    },
    set(reader, seq) {
      if (!Number.isSafeInteger(seq) || seq < 0) throw new RangeError('a cursor is a position: a whole number from 0');
      write(() => set.run(reader, seq));
    },
    delete(reader) {
      write(() => remove.run(reader));
    },
    all() {
      return new Map(all.all().map((row) => [String(row.reader), Number(row.seq)]));
    },
    addGap(gap) {
      const { reader, fromSeq, toSeq, from, to, rows, reason } = gap;
      write(() => addGap.run(reader, fromSeq, toSeq, from, to, rows, reason));
    },
    gaps(reader) {
      return gaps.all(reader ?? null).map(
        (row): Gap => ({
          reader: String(row.reader),
          fromSeq: Number(row.from_seq),
          toSeq: Number(row.to_seq),
          from: Number(row.from_at),
          to: Number(row.to_at),
          rows: Number(row.row_count),
          reason: String(row.reason),
        }),
      );
    },
    removeGap({ reader, fromSeq, toSeq, reason }) {
      write(() => removeGap.run(reader, fromSeq, toSeq, reason));
    },
  };
}
