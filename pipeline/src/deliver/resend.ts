import type { Cursors, Stream, StreamRow } from '../stream/stream.ts';
import { createBell } from './bell.ts';
import type { Clock } from './clock.ts';
import { DestinationClosedError } from './errors.ts';
import type { ResendProgress } from './health.ts';
import type { Lane } from './lane.ts';
import { PAGE_BYTES, PAGE_ROWS, POLL_MILLIS } from './limits.ts';
import { createSavedCursor } from './savedCursor.ts';
import type { Tally } from './tally.ts';

export interface TimeRange {
  /** Milliseconds since the epoch, both inclusive, against `at` of the rows. */
  readonly from: number;
  readonly to: number;
}

export interface ResendsOptions {
  /** Name of the destination's own cursor; those of resends begin with it. */
  readonly reader: string;
  readonly stream: Stream;
  readonly cursors: Cursors;
  readonly clock: Clock;
  /** Up to here the destination has come by itself; what is later comes anyway. */
  position(): number;
  newTally(): Tally;
  startLane(lane: {
    tally: Tally;
    start: number;
    read(after: number): readonly StreamRow[];
    onAdvance(position: number): void;
  }): Lane;
  onFailed(error: unknown): void;
}

/** Second readers of a stream, one after the other, each with a cursor of its own while it lasts. */
export interface Resends {
  add(range: TimeRange, onProgress?: (progress: ResendProgress) => void): Promise<{ rows: number; items: number }>;
  readonly progress: readonly ResendProgress[];
  stop(): void;
  abort(): void;
  /** When stopped: resolves once nothing is under way. */
  readonly idle: Promise<unknown>;
}

/** Hears of rows that are not sent: those between two positions, both exclusive. */
type PassedOver = (after: number, next: number) => void;

interface Job {
  readonly range: TimeRange;
  readonly reader: string;
  /** Where it began, unless a restart interrupted it. */
  readonly beginsAfter: number | undefined;
  readonly tally: Tally;
  readonly listeners: Set<(progress: ResendProgress) => void>;
  readonly done: Promise<{ rows: number; items: number }>;
}

export function createResends(options: ResendsOptions): Resends {
  const { cursors, stream } = options;
  const prefix = `${options.reader}:resend:`;
  const jobs = new Map<string, Job>();
  let stopped = false;
  let current: Lane | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const pause = createBell(options.clock);

  const progressOf = (job: Job): ResendProgress => ({
    ...job.range,
    rows: job.tally.counts.settledRows,
    items: job.tally.counts.delivered,
  });

  /** Sends what is left of one range; false when it was stopped before the end. */
  const pass = async (job: Job, passedOver: PassedOver): Promise<boolean> => {
    const { range } = job;
    const start = cursors.get(job.reader) ?? 0;
    const bound = options.position();
    const tell = () => {
      for (const listener of job.listeners) listener(progressOf(job));
    };
    const saved = createSavedCursor({ ...options, reader: job.reader, onSaved: tell });
    const lane = options.startLane({
      tally: job.tally,
      start,
      read(after) {
        const page = stream.readBetween({ ...range, after }, { rows: PAGE_ROWS, bytes: PAGE_BYTES });
        let before = after;
        for (const { seq } of page) {
          passedOver(before, seq);
          before = seq;
        }
        if (page.length === 0) passedOver(after, stream.stats().lastSeq + 1);
        return page.filter((row) => row.seq <= bound);
      },
      onAdvance: (position) => saved.moved(position),
    });
    current = lane;
    const end = await lane.done;
    current = undefined;
    saved.flush();
    tell();
    return end === 'finished';
  };

  const run = async (job: Job): Promise<{ rows: number; items: number }> => {
    const { from, to } = job.range;
    const firstHeld = stream.stats().firstSeq;
    const gaps = new Set(
      cursors.gaps(options.reader).filter((gap) => gap.from >= from && gap.to <= to && gap.fromSeq >= firstHeld),
    );
    // Rows that left the stream meanwhile, or whose time lies outside of the range because a clock was put back: a gap
    // that holds one of them cannot be called filled.
    const passedOver: PassedOver = (after, next) => {
      if (next === after + 1) return;
      for (const gap of gaps) if (gap.fromSeq < next && gap.toSeq > after) gaps.delete(gap);
    };
    if (job.beginsAfter !== undefined) passedOver(0, job.beginsAfter + 1);
    for (;;) {
      if (stopped) throw new DestinationClosedError();
      let finished = false;
      try {
        finished = await pass(job, passedOver);
      } catch (error) {
        options.onFailed(error);
      }
      if (finished) break;
      if (!stopped) await pause.wait(POLL_MILLIS);
    }
    for (const gap of gaps) cursors.removeGap(gap);
    cursors.delete(job.reader);
    const { rows, items } = progressOf(job);
    return { rows, items };
  };

  const add = (range: TimeRange): Job => {
    const from = Math.floor(range.from);
    const to = Math.ceil(range.to);
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
      throw new RangeError('a resend goes from a time to a later one, in milliseconds since the epoch');
    }
    const reader = `${prefix}${from}:${to}`;
    const known = jobs.get(reader);
    if (known !== undefined) return known;
    let beginsAfter: number | undefined;
    if (cursors.get(reader) === undefined) {
      // Written down before anything is sent, so that a restart knows of it.
      const first = stream.readBetween({ from, to, after: 0 }, { rows: 1, bytes: 1 })[0];
      beginsAfter = first === undefined ? stream.stats().lastSeq : first.seq - 1;
      cursors.set(reader, beginsAfter);
    }
    const before = last;
    const job: Job = {
      range: { from, to },
      reader,
      beginsAfter,
      tally: options.newTally(),
      listeners: new Set(),
      done: before.then(() => run(job)).finally(() => jobs.delete(reader)),
    };
    last = job.done.catch(() => {});
    jobs.set(reader, job);
    return job;
  };

  // What a restart interrupted goes on by itself.
  for (const reader of cursors.all().keys()) {
    const [from, to] = reader.startsWith(prefix) ? reader.slice(prefix.length).split(':').map(Number) : [];
    if (from !== undefined && to !== undefined) add({ from, to });
  }

  return {
    async add(range, onProgress) {
      if (stopped) throw new DestinationClosedError();
      const job = add(range);
      if (onProgress !== undefined) job.listeners.add(onProgress);
      return job.done;
    },
    get progress() {
      return [...jobs.values()].map(progressOf);
    },
    stop() {
      stopped = true;
      pause.ring();
      current?.stop();
    },
    abort() {
      stopped = true;
      pause.ring();
      current?.abort();
    },
    get idle() {
      return last;
    },
  };
}
