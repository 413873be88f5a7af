import type { DatabaseSync } from 'node:sqlite';
import type { DatabaseFile } from '@aisix-observability/pipeline';
import { CHAIN_START, type ChainHead, chainHash } from './chain.ts';
import { type ParsedRows, parsedRows } from './parsedRows.ts';

export type RowType = 'change' | 'in_force' | 'status' | 'present' | 'gap' | 'verdict' | 'conflict' | 'tombstone';

export interface LedgerRow {
  readonly seq: number;
  readonly at: number;
  readonly type: RowType;
  readonly body: string;
}

/** Rows in memory at a time. */
const PAGE_ROWS = 500;

/** Reads rows. */
export interface RowReader {
  /** Parsed bodies of rows, oldest first. Not to be changed: they are kept. */
  bodies(seqs: readonly number[]): unknown[];
  /** Every row, oldest first, a page at a time. */
  all(): IterableIterator<LedgerRow>;
}

/** Appends rows to the chain; inside a transaction of the caller. */
export interface RowLog extends RowReader {
  append(type: RowType, body: string, at: number): LedgerRow;
  /** The last row; absent while there is none. */
  head(): ChainHead | undefined;
}

export function rowLog({ db, onRollback }: DatabaseFile): RowLog {
  const insert = db.prepare('INSERT INTO rows (seq, at, type, hash, body) VALUES (?, ?, ?, ?, ?)');
  const parsed = parsedRows();
  const row = db.prepare('SELECT seq, at, hash FROM rows ORDER BY seq DESC LIMIT 1').get();
  let end: { readonly seq: number; readonly at: number; readonly hash: Uint8Array } =
    row === undefined
      ? { seq: 0, at: 0, hash: CHAIN_START }
      : { seq: Number(row.seq), at: Number(row.at), hash: row.hash as Uint8Array };

  return {
    append(type, body, at) {
      const added = { seq: end.seq + 1, at, type, body };
      const hash = chainHash(end.hash, added);
      insert.run(added.seq, at, type, hash, body);
      const before = end;
      onRollback(() => {
        end = before;
        parsed.forget(added.seq);
      });
      end = { seq: added.seq, at, hash };
      return added;
    },
    head() {
      return end.seq === 0 ? undefined : { seq: end.seq, at: end.at, hash: Buffer.from(end.hash).toString('hex') };
    },
    ...rowReader(db, parsed),
  };
}

export function rowReader(db: DatabaseSync, parsed: ParsedRows = parsedRows()): RowReader {
  const one = db.prepare('SELECT body FROM rows WHERE seq = ?');
  const page = db.prepare(`SELECT seq, at, type, body FROM rows WHERE seq > ? ORDER BY seq LIMIT ${PAGE_ROWS}`);

  return {
    *all() {
      for (let after = 0; ; ) {
        const rows = page.all(after) as unknown as LedgerRow[];
        yield* rows;
        if (rows.length < PAGE_ROWS) return;
        after = rows.at(-1)?.seq ?? after;
      }
    },
    bodies: (seqs) => seqs.toSorted((a, b) => a - b).flatMap(bodyOf),
  };

  /** None where the row was dropped. */
  function bodyOf(seq: number): unknown[] {
    const known = parsed.get(seq);
    if (known !== undefined) return [known];
    const found = one.get(seq);
    if (found === undefined) return [];
    const body = String(found.body);
    const made: unknown = JSON.parse(body);
    parsed.put(seq, made, body.length);
    return [made];
  }
}
