import type { Clock, Log, Recorder } from '@aisix-observability/pipeline';
import type { Observation, Observe } from '../model/observation.ts';
import { WATCH_METRICS } from './watch/watchMetrics.ts';

export interface OutboxOptions {
  readonly observe: Observe;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  /** Name of the feed, for log lines. */
  readonly feed: string;
}

/** Hands observations on in their order, however long that takes, while the feed goes on looking. */
export interface Outbox {
  /** `onDurable` is called once these and all before them are durable; with nothing to tell, it still keeps its turn. */
  put(observations: readonly Observation[], onDurable?: () => void): void;
  /** More is waiting than may be; the feed should not look before it is less, and then sees a longer interval. */
  isFull(): boolean;
  /** Resolves when nothing waits any more, or when it is closed. */
  settled(): Promise<void>;
  /** Hands on what waits, unless that fails: then it is found again after the next start. */
  close(): Promise<void>;
}

/** Some megabytes: a ledger that does not answer must not fill the memory. */
export const MAX_WAITING = 10_000;
/** Observations handed on together. */
const MAX_TOGETHER = 1_000;
const FIRST_PAUSE_MILLIS = 100;
const MAX_PAUSE_MILLIS = 30_000;

export function createOutbox({ observe, clock, log, recorder, feed }: OutboxOptions): Outbox {
  const waiting: { readonly observations: readonly Observation[]; readonly onDurable?: (() => void) | undefined }[] =
    [];
  let count = 0;
  let running: Promise<void> | undefined;
  let isClosed = false;
  let endPause: (() => void) | undefined;

  function pause(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(millis, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  async function pump(): Promise<void> {
    let failures = 0;
    while (waiting.length > 0) {
      let taken = 0;
      const together: Observation[] = [];
      for (const { observations } of waiting) {
        if (taken > 0 && together.length + observations.length > MAX_TOGETHER) break;
        together.push(...observations);
        taken += 1;
      }
      try {
        if (together.length > 0) await observe(together);
        for (const { onDurable } of waiting.slice(0, taken)) onDurable?.();
      } catch (error) {
        failures += 1;
        recorder.count(WATCH_METRICS.observeFailures, 1, { feed });
        if (failures === 1) {
          log('warn', 'Observations could not be made durable; they are kept and handed on again.', {
            feed,
            error: error instanceof Error ? error.name : 'unknown',
          });
        }
        if (isClosed) return;
        await pause(Math.min(FIRST_PAUSE_MILLIS * 2 ** Math.min(failures - 1, 16), MAX_PAUSE_MILLIS));
        continue;
      }
      failures = 0;
      waiting.splice(0, taken);
      count -= together.length;
    }
  }

  function start(): void {
    running ??= pump().finally(() => {
      running = undefined;
      if (waiting.length > 0 && !isClosed) start();
    });
  }

  return {
    put(observations, onDurable) {
      if (isClosed || (observations.length === 0 && onDurable === undefined)) return;
      waiting.push({ observations, onDurable });
      count += observations.length;
      start();
    },
    isFull: () => count >= MAX_WAITING,
    async settled() {
      while (running !== undefined) await running;
    },
    async close() {
      isClosed = true;
      endPause?.();
      await running;
    },
  };
}
