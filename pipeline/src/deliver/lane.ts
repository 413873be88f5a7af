import type { StreamRow } from '../stream/stream.ts';
import { createBatches } from './batches.ts';
import { createBell } from './bell.ts';
import type { Clock } from './clock.ts';
import { type DeliveryLimits, PAGE_ROWS, POLL_MILLIS, WINDOW_ROWS } from './limits.ts';
import type { Line } from './line.ts';
import type { Prepared } from './options.ts';
import { createPrefix, type RowTicket } from './prefix.ts';
import type { SetAside } from './setAside.ts';
import { createShipping } from './ship.ts';
import type { Tally } from './tally.ts';

export interface LaneOptions<Item> {
  readonly name: string;
  readonly line: Line;
  readonly tally: Tally;
  readonly setAside: SetAside;
  readonly clock: Clock;
  readonly limits: DeliveryLimits;
  readonly inFlight: number;
  /** Position after which it begins. */
  readonly start: number;
  /** A lane that ends does so at the first empty page. */
  readonly endless: boolean;
  read(after: number): readonly StreamRow[];
  prepare(row: StreamRow): Prepared<Item>;
  serialize(items: readonly Item[]): Uint8Array;
  onAdvance(position: number): void;
  onDelivered?(items: readonly Item[]): void;
}

/** One reader on its way through a stream: pages in, requests out, a prefix that follows. */
export interface Lane {
  wake(): void;
  /** Takes no more rows. */
  stop(): void;
  /** Calls off the requests under way; their rows stay unsettled. */
  abort(): void;
  /** Resolves when nothing is under way and no more rows are taken. */
  readonly done: Promise<LaneEnd>;
  readonly position: number;
  /** `at` of the last settled row, if any. */
  readonly lastAt: number | undefined;
  readonly oldestUnsettled: RowTicket | undefined;
  settledUpTo(seq: number): number;
}

/** `broken` by a fault of our own: whoever started it should start another at its position. */
export type LaneEnd = 'finished' | 'stopped' | 'broken';

/** A shrunken batch grows back by this share with every one that went through. */
const REGROWTH = 1 / 16;

export function startLane<Item>(options: LaneOptions<Item>): Lane {
  const { clock, limits, tally, line } = options;
  const prefix = createPrefix(options.start);
  const news = createBell(clock);
  const room = createBell(clock);
  const company = createBell(clock);
  const controller = new AbortController();
  let stopped = false;
  let broken = false;
  let batchItems = limits.batchItems;
  const underWay = new Set<Promise<void>>();

  const onSettled = () => {
    options.onAdvance(prefix.position);
    room.ring();
  };

  const shipping = createShipping<Item>({
    name: options.name,
    line,
    prefix,
    tally,
    setAside: options.setAside,
    maxRequestBytes: limits.maxRequestBytes,
    serialize: options.serialize,
    onSettled,
    ...(options.onDelivered === undefined ? {} : { onDelivered: options.onDelivered }),
    onTooLarge: (items) => {
      batchItems = Math.max(1, Math.min(batchItems, Math.floor(items / 2)));
    },
  });

  const track = (work: Promise<void>) => {
    const tracked = work
      .catch((error: unknown) => {
        // Its rows stay unsettled and nothing may pass them: the next lane begins there.
        broken = true;
        abort();
        line.complain('broken', 'error', 'delivery of a batch broke off', {
          destination: options.name,
          error: error instanceof Error ? error.message : 'unknown',
        });
      })
      .finally(() => {
        underWay.delete(tracked);
        room.ring();
      });
    underWay.add(tracked);
  };

  const batches = createBatches<Item>({
    read: options.read,
    prepare: options.prepare,
    prefix,
    pieceItems: limits.batchItems,
    onSkipped: (_row, reason) => {
      tally.skipped(reason);
      tally.settledRow();
      onSettled();
    },
    onUnpreparable: (row, ticket, error) => track(shipping.unpreparable(row, ticket, error)),
  });

  const quiet = async () => {
    await news.wait(POLL_MILLIS);
    // Company for the row that just came; nothing waits for it but its own place in a fuller request.
    if (!stopped && limits.lingerMillis > 0) await company.wait(limits.lingerMillis);
  };

  const take = () => {
    try {
      return batches.next(batchItems, PAGE_ROWS);
    } catch (error) {
      line.complain('unreadable', 'error', 'the stream cannot be read', {
        destination: options.name,
        error: error instanceof Error ? error.message : 'unknown',
      });
      return 'unreadable' as const;
    }
  };

  const run = async (): Promise<LaneEnd> => {
    while (!stopped) {
      if (underWay.size >= options.inFlight || prefix.ahead >= WINDOW_ROWS) {
        await room.wait();
        continue;
      }
      const batch = take();
      if (batch === 'unreadable') await news.wait(POLL_MILLIS);
      else if (batch === 'more') await clock.breathe();
      else if (batch === undefined) {
        if (!options.endless) break;
        await quiet();
      } else {
        track(shipping.carry(batch, controller.signal));
        if (batch.full && batchItems < limits.batchItems) {
          batchItems = Math.min(limits.batchItems, batchItems + Math.ceil(batchItems * REGROWTH));
        }
        // Serialising held the thread; sockets and acknowledgements come first.
        await clock.breathe();
        if (!batch.full && options.endless && !stopped) await quiet();
      }
    }
    while (underWay.size > 0) await Promise.all(underWay);
    if (broken) return 'broken';
    return stopped ? 'stopped' : 'finished';
  };

  const stop = () => {
    stopped = true;
    for (const bell of [news, room, company]) bell.ring();
  };
  const abort = () => {
    stop();
    controller.abort();
  };

  return {
    wake: () => news.ring(),
    stop,
    abort,
    done: run(),
    get position() {
      return prefix.position;
    },
    get lastAt() {
      return prefix.lastAt;
    },
    get oldestUnsettled() {
      return prefix.oldestUnsettled;
    },
    settledUpTo: (seq) => prefix.settledUpTo(seq),
  };
}
