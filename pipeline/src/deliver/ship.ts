import type { StreamRow } from '../stream/stream.ts';
import type { Batch, Piece } from './batches.ts';
import { SPLIT_AFTER_TIMEOUTS } from './limits.ts';
import type { Line } from './line.ts';
import type { Prefix, RowTicket } from './prefix.ts';
import { printable } from './printable.ts';
import type { SetAside, SetAsideReason } from './setAside.ts';
import type { Tally } from './tally.ts';

export interface ShipOptions<Item> {
  readonly name: string;
  readonly line: Line;
  readonly prefix: Prefix;
  readonly tally: Tally;
  readonly setAside: SetAside;
  readonly maxRequestBytes: number;
  serialize(items: readonly Item[]): Uint8Array;
  onDelivered?(items: readonly Item[]): void;
  /** The prefix may have moved. */
  onSettled(): void;
  /** A whole batch was too much, for us or for the backend; the next ones should hold less. */
  onTooLarge(items: number): void;
}

/** Why, of a row that is given up. */
interface Cause {
  readonly reason: SetAsideReason;
  readonly status?: number;
  readonly message?: string;
}

type Pieces<Item> = readonly Piece<Item>[];

/**
 * Carries one batch to its end: every piece delivered, rejected by the backend or set aside. What is not settled
 * when the signal fires, or when the gate is shut, stays behind the cursor and goes again at the next start.
 */
export function createShipping<Item>(options: ShipOptions<Item>) {
  const { line, tally, prefix } = options;

  const settle = (pieces: Pieces<Item>) => {
    for (const piece of pieces) if (prefix.settle(piece.ticket)) tally.settledRow();
    options.onSettled();
  };

  const giveUpRow = async (row: StreamRow, ticket: RowTicket, items: number, cause: Cause) => {
    if (items > 0) tally.setAsideItems(cause.reason, items);
    if (!ticket.isSetAside) {
      ticket.isSetAside = true;
      tally.setAsideRow(cause.reason);
      line.complain(`set_aside ${cause.reason}`, 'warn', 'row set aside: it can never be delivered', {
        destination: options.name,
        row: row.seq,
        ...cause,
      });
      await options.setAside.keep({
        destination: options.name,
        seq: row.seq,
        at: row.at,
        payload: row.payload,
        ...cause,
      });
    }
  };

  const giveUp = async (piece: Piece<Item>, cause: Cause) => {
    await giveUpRow(piece.row, piece.ticket, piece.items.length, cause);
    settle([piece]);
  };

  /** Two halves, one after the other: the number of requests in flight stays what it is. */
  const halves = async (pieces: Pieces<Item>, signal: AbortSignal) => {
    const middle = Math.ceil(pieces.length / 2);
    await carry(pieces.slice(0, middle), signal);
    await carry(pieces.slice(middle), signal);
  };

  const tooLarge = async (pieces: Pieces<Item>, cause: Cause, signal: AbortSignal) => {
    const [piece] = pieces;
    if (pieces.length > 1 || piece === undefined) return halves(pieces, signal);
    if (piece.items.length === 1) return giveUp(piece, cause);
    // The items of one row may travel apart; better than not at all.
    const middle = Math.ceil(piece.items.length / 2);
    piece.ticket.remaining += 1;
    await carry([{ ...piece, items: piece.items.slice(0, middle) }], signal);
    return carry([{ ...piece, items: piece.items.slice(middle) }], signal);
  };

  const isolate = async (pieces: Pieces<Item>, cause: Cause, signal: AbortSignal) => {
    const [piece] = pieces;
    if (pieces.length > 1 || piece === undefined) return halves(pieces, signal);
    return giveUp(piece, cause);
  };

  const delivered = (pieces: Pieces<Item>, verdict: { rejected: number; message?: string; unreadable?: string }) => {
    const items = itemsOf(pieces);
    const rejected = Math.min(verdict.rejected, items);
    tally.delivered(items - rejected, rejected);
    if (verdict.unreadable !== undefined) tally.unreadable(verdict.unreadable);
    if (verdict.message !== undefined || rejected > 0) {
      line.complain(rejected > 0 ? 'rejected' : 'warned', 'warn', 'backend took a request with reservations', {
        destination: options.name,
        rejected,
        message: verdict.message ?? '',
      });
    }
    settle(pieces);
    options.onDelivered?.(pieces.flatMap((piece) => piece.items));
  };

  /** Sends one body until it is settled, has to be taken apart, or must stay. */
  const carry = async (pieces: Pieces<Item>, signal: AbortSignal, whole = false): Promise<void> => {
    let body: Uint8Array;
    try {
      body = options.serialize(pieces.flatMap((piece) => piece.items));
    } catch (error) {
      return isolate(pieces, { reason: 'unserializable', message: messageOf(error) }, signal);
    }
    if (body.byteLength > options.maxRequestBytes) {
      if (whole) options.onTooLarge(itemsOf(pieces));
      return tooLarge(pieces, { reason: 'too_large', message: 'larger than this destination may send' }, signal);
    }
    const encoded = await line.encode(body);

    let timeouts = 0;
    for (let reason: string | undefined; ; ) {
      const ticket = await line.enter(signal);
      if (ticket === undefined) return;
      if (reason !== undefined) tally.retried(reason);
      const verdict = await line.send(ticket, encoded, pieces.length === 1, signal);
      if (verdict.kind !== 'aborted') tally.sent(verdict.seconds);
      switch (verdict.kind) {
        case 'aborted':
          return;
        case 'delivered':
          return delivered(pieces, verdict);
        case 'too_large':
          if (whole) options.onTooLarge(itemsOf(pieces));
          return tooLarge(pieces, { reason: 'too_large', status: verdict.status }, signal);
        case 'refused': {
          const { status, message } = verdict;
          return isolate(pieces, { reason: 'refused', status, ...(message === undefined ? {} : { message }) }, signal);
        }
        case 'blocked':
          reason = 'blocked';
          break;
        case 'retry':
          reason = verdict.reason;
          if (reason === 'timeout' || reason === 'status_504') timeouts += 1;
          if (timeouts === SPLIT_AFTER_TIMEOUTS && pieces.length > 1) return halves(pieces, signal);
      }
    }
  };

  return {
    carry: (batch: Batch<Item>, signal: AbortSignal) => carry(batch.pieces, signal, true),
    /** For a row that could not even be prepared. */
    async unpreparable(row: StreamRow, ticket: RowTicket, error: unknown): Promise<void> {
      await giveUpRow(row, ticket, 0, { reason: 'unpreparable', message: messageOf(error) });
      if (prefix.settle(ticket)) tally.settledRow();
      options.onSettled();
    },
  };
}

export type Shipping<Item> = ReturnType<typeof createShipping<Item>>;

function itemsOf(pieces: readonly Piece<unknown>[]): number {
  return pieces.reduce((sum, piece) => sum + piece.items.length, 0);
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : 'no error object was thrown');
}
