import type { StreamRow } from '../stream/stream.ts';

/** What is left to do of one row. */
export interface RowTicket {
  readonly seq: number;
  readonly at: number;
  /** Pieces of it that are not settled. */
  remaining: number;
  /** Something of it was set aside; the file holds a row once. */
  isSetAside: boolean;
}

/** Follows which rows are settled, in whatever order that happens, and how far all of them are. */
export interface Prefix {
  /** Takes a row in, in order of position. */
  open(row: StreamRow, pieces: number): RowTicket;
  /** One piece less; true when the row is done with it. */
  settle(ticket: RowTicket): boolean;
  /** Every row up to here is settled: the only place that a cursor may stand. */
  readonly position: number;
  /** `at` of the last row of the prefix, if it passed one. */
  readonly lastAt: number | undefined;
  /** Rows taken in beyond the prefix, settled ones among them. */
  readonly ahead: number;
  readonly oldestUnsettled: RowTicket | undefined;
  /** Rows beyond the prefix, up to a position, that are settled already. */
  settledUpTo(seq: number): number;
}

/** Settled tickets are cut off the front of the list once they are this many, which keeps every step cheap. */
const COMPACT_AT = 1_024;

export function createPrefix(start: number): Prefix {
  const tickets: RowTicket[] = [];
  let head = 0;
  let position = start;
  let lastAt: number | undefined;

  const advance = () => {
    for (let ticket = tickets[head]; ticket !== undefined && ticket.remaining === 0; ticket = tickets[head]) {
      position = ticket.seq;
      lastAt = ticket.at;
      head += 1;
    }
    if (head >= COMPACT_AT) {
      tickets.splice(0, head);
      head = 0;
    }
  };

  return {
    open(row, pieces) {
      const ticket: RowTicket = { seq: row.seq, at: row.at, remaining: pieces, isSetAside: false };
      tickets.push(ticket);
      if (pieces === 0) advance();
      return ticket;
    },
    settle(ticket) {
      ticket.remaining -= 1;
      if (ticket.remaining > 0) return false;
      advance();
      return true;
    },
    get position() {
      return position;
    },
    get lastAt() {
      return lastAt;
    },
    get ahead() {
      return tickets.length - head;
    },
    get oldestUnsettled() {
      return tickets[head];
    },
    settledUpTo(seq) {
      let settled = 0;
      for (let index = head; index < tickets.length; index += 1) {
        const ticket = tickets[index];
        if (ticket === undefined || ticket.seq > seq) break;
        if (ticket.remaining === 0) settled += 1;
      }
      return settled;
    },
  };
}
