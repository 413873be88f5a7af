import type { StreamRow } from '../stream/stream.ts';
import { BATCH_PAYLOAD_BYTES } from './limits.ts';
import type { Prepared } from './options.ts';
import type { Prefix, RowTicket } from './prefix.ts';

/** Items of one row that travel together: all of them, unless the row holds more than a request may. */
export interface Piece<Item> {
  readonly row: StreamRow;
  readonly ticket: RowTicket;
  readonly items: readonly Item[];
}

export interface Batch<Item> {
  readonly pieces: readonly Piece<Item>[];
  /** There was more; a batch that is not full holds all there was. */
  readonly full: boolean;
}

export interface BatchesOptions<Item> {
  /** A page of rows after a position; empty when there is none. */
  read(after: number): readonly StreamRow[];
  prepare(row: StreamRow): Prepared<Item>;
  readonly prefix: Prefix;
  /** Most items of one piece. */
  readonly pieceItems: number;
  onSkipped(row: StreamRow, reason: string): void;
  /** `prepare` threw. The row's ticket has one piece left, to be settled when the row is set aside. */
  onUnpreparable(row: StreamRow, ticket: RowTicket, error: unknown): void;
}

/** A row that became nothing without saying why. */
export const EMPTY = 'empty';

/** Turns rows into batches. Holds one page of rows and the pieces of one row, whatever the backlog is. */
export function createBatches<Item>(options: BatchesOptions<Item>) {
  const { prefix } = options;
  let page: readonly StreamRow[] = [];
  let index = 0;
  let after = prefix.position;
  let waiting: Piece<Item>[] = [];

  const cut = (row: StreamRow, items: readonly Item[]): void => {
    const count = Math.ceil(items.length / options.pieceItems);
    const ticket = prefix.open(row, count);
    for (let start = 0; start < items.length; start += options.pieceItems) {
      waiting.push({ row, ticket, items: count === 1 ? items : items.slice(start, start + options.pieceItems) });
    }
  };

  /** Works on one more row; false when there is none. */
  const takeRow = (): boolean => {
    if (index >= page.length) {
      page = options.read(after);
      index = 0;
    }
    const row = page[index];
    if (row === undefined) return false;
    index += 1;
    after = row.seq;
    let prepared: Prepared<Item>;
    try {
      prepared = options.prepare(row);
    } catch (error) {
      options.onUnpreparable(row, prefix.open(row, 1), error);
      return true;
    }
    if ('skip' in prepared || prepared.items.length === 0) {
      prefix.open(row, 0);
      options.onSkipped(row, 'skip' in prepared ? prepared.skip : EMPTY);
    } else {
      cut(row, prepared.items);
    }
    return true;
  };

  return {
    /**
     * The next batch of about `items` items, never more unless a single piece has more. Undefined when there was
     * nothing to send; looks at no more than `rows` rows, and then says `more`.
     */
    next(items: number, rows: number): Batch<Item> | 'more' | undefined {
      const pieces: Piece<Item>[] = [];
      let count = 0;
      let bytes = 0;
      let looked = 0;
      for (;;) {
        const piece = waiting[0];
        if (piece === undefined) {
          if (looked === rows) return pieces.length > 0 ? { pieces, full: true } : 'more';
          looked += 1;
          let took: boolean;
          try {
            took = takeRow();
          } catch (error) {
            // The stream cannot be read: what is in hand goes out, and the next call meets the error again.
            if (pieces.length === 0) throw error;
            took = false;
          }
          if (!took) return pieces.length > 0 ? { pieces, full: false } : undefined;
          continue;
        }
        const fits = count + piece.items.length <= items && bytes + piece.row.payload.length <= BATCH_PAYLOAD_BYTES;
        if (!fits && pieces.length > 0) return { pieces, full: true };
        pieces.push(piece);
        waiting = waiting.slice(1);
        count += piece.items.length;
        bytes += piece.row.payload.length;
      }
    },
  };
}

export type Batches<Item> = ReturnType<typeof createBatches<Item>>;
