/** How far a backfill has come. Bytes are as stored (compressed). */
export interface BackfillProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Events made durable by this run. */
  readonly events: number;
  /** Lines refused by this run. */
  readonly refused: number;
  /** Events made durable per second over the last seconds. */
  readonly ratePerSecond: number;
  /** Absent until a rate is known. */
  readonly secondsLeft?: number;
}

/** Long enough to smooth over pauses of the stream, short enough to show that something is wrong. */
const WINDOW_MILLIS = 10_000;
const SAMPLES_KEPT = 40;

interface Sample {
  readonly at: number;
  readonly events: number;
  readonly bytes: number;
}

/** Counts what a backfill does and derives rate and time left from the last seconds. */
export interface ProgressMeter {
  /** A file is done, in this run or an earlier one. */
  fileDone(): void;
  /** Stored bytes read, or found to have been read by an earlier run (`earlier`: they say nothing about speed). */
  bytes(count: number, earlier?: boolean): void;
  events(accepted: number, refused: number): void;
  now(at: number): BackfillProgress;
}

export function createProgress(filesTotal: number, bytesTotal: number, startedAt: number): ProgressMeter {
  let files = 0;
  let read = 0;
  let earlierBytes = 0;
  let events = 0;
  let refused = 0;
  const samples: Sample[] = [{ at: startedAt, events: 0, bytes: 0 }];

  return {
    fileDone() {
      files += 1;
    },
    bytes(count, earlier = false) {
      if (earlier) earlierBytes += count;
      else read += count;
    },
    events(accepted, refusedLines) {
      events += accepted;
      refused += refusedLines;
    },
    now(at) {
      const oldest = samples[0] as Sample;
      const seconds = (at - oldest.at) / 1000;
      // A file may grow while it is read.
      const bytes = Math.min(read + earlierBytes, bytesTotal);
      const bytesPerSecond = seconds > 0 ? (read - oldest.bytes) / seconds : 0;
      const result: BackfillProgress = {
        files,
        filesTotal,
        bytes,
        bytesTotal,
        events,
        refused,
        ratePerSecond: seconds > 0 ? Math.round((events - oldest.events) / seconds) : 0,
        ...(bytesPerSecond > 0 ? { secondsLeft: (bytesTotal - bytes) / bytesPerSecond } : {}),
      };
      if (at - (samples.at(-1) as Sample).at >= WINDOW_MILLIS / SAMPLES_KEPT) {
        samples.push({ at, events, bytes: read });
        while (samples.length > 1 && at - (samples[0] as Sample).at > WINDOW_MILLIS) samples.shift();
      }
      return result;
    },
  };
}
