import type { Cursors, Stream, StreamRow } from '../stream/stream.ts';
import { type GapReason, recordGap, rowToSkipTo } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { Lane } from './lane.ts';
import { PAGE_BYTES, PAGE_ROWS, POLL_MILLIS } from './limits.ts';
import { createSavedCursor } from './savedCursor.ts';

export interface ReaderOptions {
  readonly reader: string;
  readonly stream: Stream;
  readonly cursors: Cursors;
  readonly startAt: 'start' | 'end';
  readonly maxBacklogBytes: number;
  readonly clock: Clock;
  startLane(lane: {
    start: number;
    read(after: number): readonly StreamRow[];
    onAdvance(position: number): void;
  }): Lane;
  onMissed(reason: GapReason, rows: number): void;
  onFailed(error: unknown): void;
}

/** A destination's own way through its stream: its durable cursor, and what happens when it cannot keep up. */
export interface Reader {
  wake(): void;
  readonly position: number;
  /** `at` of the oldest row that is not settled. */
  oldestAt(): number | undefined;
  /** Gives up a part of the backlog if there is too much of it. */
  checkBacklog(): void;
  stop(): void;
  abort(): void;
  /** When stopped: resolves once nothing is under way. */
  readonly idle: Promise<unknown>;
  flush(): void;
}

export function createReader(options: ReaderOptions): Reader {
  const { stream, cursors, clock, reader } = options;
  const saved = createSavedCursor(options);
  let stopped = false;
  let lane: Lane;
  let idle: Promise<unknown> = Promise.resolve();
  let owner = 0;

  const miss = (gap: { fromSeq: number; toSeq: number; from: number; to: number; rows: number }, reason: GapReason) => {
    recordGap(cursors, { reader, ...gap, reason });
    options.onMissed(reason, gap.rows);
  };

  const begin = (start: number, lastAt?: number) => {
    owner += 1;
    const me = owner;
    const mine = options.startLane({
      start,
      read(after) {
        const page = stream.read(after, { rows: PAGE_ROWS, bytes: PAGE_BYTES });
        const next = page[0];
        if (next !== undefined && next.seq > after + 1 && stream.stats().firstSeq > after + 1) {
          const gap = { fromSeq: after + 1, toSeq: next.seq - 1, from: lastAt ?? next.at, to: next.at };
          miss({ ...gap, rows: gap.toSeq - gap.fromSeq + 1 }, 'trimmed');
        }
        lastAt = page.at(-1)?.at ?? lastAt;
        return page;
      },
      onAdvance(position) {
        // A lane that was called off may still settle something; the place is no longer its to say.
        if (owner === me) saved.moved(position);
      },
    });
    lane = mine;
    const ended = mine.done.then((end) => {
      if (end !== 'broken') return;
      clock.after(POLL_MILLIS, () => {
        if (!stopped && owner === me) begin(mine.position, mine.lastAt);
      });
    });
    idle = Promise.all([idle, ended]);
  };

  const firstPosition = (): number => {
    const known = cursors.get(reader);
    const { lastSeq, firstSeq } = stream.stats();
    // A cursor of another stream (the file was replaced): what is here now was never sent.
    if (known !== undefined && known <= lastSeq) return known;
    const start = known === undefined && options.startAt === 'end' ? lastSeq : Math.max(firstSeq - 1, 0);
    cursors.set(reader, start);
    return start;
  };

  begin(firstPosition());

  return {
    wake: () => lane.wake(),
    get position() {
      return lane.position;
    },
    oldestAt() {
      const open = lane.oldestUnsettled;
      if (open !== undefined) return open.at;
      return stream.read(lane.position, { rows: 1, bytes: 1 })[0]?.at;
    },
    checkBacklog() {
      if (stopped || stream.bytesAfter(lane.position) <= options.maxBacklogBytes) return;
      const first = stream.read(lane.position, { rows: 1, bytes: 1 })[0];
      // Half is left, so that the next loss is far off and what is kept is recent.
      const last = rowToSkipTo(stream, lane.position, options.maxBacklogBytes / 2);
      if (first === undefined || last === undefined) return;
      // Positions have no holes; what was settled out of turn is not missed.
      const rows = last.seq - first.seq + 1 - lane.settledUpTo(last.seq);
      // The gap first: after a crash between the two the same part is given up again, and nothing is forgotten.
      miss({ fromSeq: first.seq, toSeq: last.seq, from: first.at, to: last.at, rows }, 'max_backlog');
      lane.abort();
      saved.moved(last.seq);
      saved.flush();
      begin(last.seq, last.at);
    },
    stop() {
      stopped = true;
      lane.stop();
    },
    abort() {
      stopped = true;
      lane.abort();
    },
    get idle() {
      return idle;
    },
    flush: () => saved.flush(),
  };
}
