import type { DatabaseSync } from 'node:sqlite';
import type { CheckedRecord } from './records.ts';
import { rowsTable } from './schema.ts';
import { timeBlockWriter } from './timeBlocks.ts';
import type { Transactions } from './transactions.ts';

/**
 * Rows of one step of trimming. A row under a key also touches a random page of the index, so that this many take
 * about as long as one commit of a busy receiver.
 */
export const TRIM_STEP_ROWS = 256;
/** Bytes of one step of trimming: SQLite reads the overflow pages of every row that it drops. */
export const TRIM_STEP_BYTES = 4 * 1024 * 1024;

/** The ends of a stream. What is held lies between them. */
export interface Ends {
  readonly lastSeq: number;
  readonly trimmedSeq: number;
  /** Of all rows ever appended, and of all ever trimmed. */
  readonly appendedBytes: number;
  readonly trimmedBytes: number;
}

/** The writing half of a stream. All of it runs inside a transaction of the caller. */
export interface RowWriter {
  readonly name: string;
  /** As of the last insert or trim, put back when the transaction fails. */
  readonly ends: Ends;
  /** Returns the position of the last row. */
  insert(records: readonly CheckedRecord[]): number;
  /** Drops at most a step of the oldest rows, none after `seq`; returns how many. */
  trimStep(seq: number): number;
}

/** @param db a connection on which the stream's tables exist. */
export function rowWriter(db: DatabaseSync, transactions: Transactions, name: string): RowWriter {
  const table = rowsTable(name);
  const insertRow = db.prepare(`INSERT INTO ${table} (seq, at, total, key, payload, memo) VALUES (?, ?, ?, ?, ?, ?)`);
  const saveAppended = db.prepare('UPDATE streams SET last_seq = ?, appended_bytes = ? WHERE name = ?');
  const saveTrimmed = db.prepare('UPDATE streams SET trimmed_seq = ?, trimmed_bytes = ? WHERE name = ?');
  const stepEnd = db.prepare(`
    SELECT seq, total FROM ${table} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${TRIM_STEP_ROWS}`);
  const deleteRows = db.prepare(`DELETE FROM ${table} WHERE seq <= ?`);
  const blocks = timeBlockWriter(db, name);
  let ends = loadEnds(db, name);

  function moveEnds(next: Ends): void {
    const before = ends;
    transactions.onRollback(() => {
      ends = before;
    });
    ends = next;
  }

  return {
    name,
    get ends() {
      return ends;
    },
    insert(records) {
      const firstSeq = ends.lastSeq + 1;
      let seq = ends.lastSeq;
      let total = ends.appendedBytes;
      try {
        for (const { at, key, payload, memo, bytes } of records) {
          seq += 1;
          total += bytes;
          insertRow.run(seq, at, total, key, payload, memo);
        }
        blocks.add(firstSeq, records);
        saveAppended.run(seq, total, name);
      } catch (error) {
        transactions.doom(error);
        throw error;
      }
      moveEnds({ ...ends, lastSeq: seq, appendedBytes: total });
      return seq;
    },
    trimStep(seq) {
      const from = ends.trimmedSeq;
      let end: { seq: number; total: number } | undefined;
      for (const row of stepEnd.iterate(from, Math.min(seq, ends.lastSeq))) {
        const total = Number(row.total);
        if (end !== undefined && total - ends.trimmedBytes > TRIM_STEP_BYTES) break;
        end = { seq: Number(row.seq), total };
      }
      if (end === undefined) return 0;
      deleteRows.run(end.seq);
      blocks.trimTo(end.seq);
      saveTrimmed.run(end.seq, end.total, name);
      moveEnds({ ...ends, trimmedSeq: end.seq, trimmedBytes: end.total });
      return end.seq - from;
    },
  };
}

function loadEnds(db: DatabaseSync, name: string): Ends {
  const row = db
    .prepare('SELECT last_seq, trimmed_seq, appended_bytes, trimmed_bytes FROM streams WHERE name = ?')
    .get(name);
  return {
    lastSeq: Number(row?.last_seq ?? 0),
    trimmedSeq: Number(row?.trimmed_seq ?? 0),
    appendedBytes: Number(row?.appended_bytes ?? 0),
    trimmedBytes: Number(row?.trimmed_bytes ?? 0),
  };
}
