import type { Impact, Incident, IncidentQuery } from '@aisix-observability/evidence';
import type { Log } from '@aisix-observability/pipeline';
import { startThread, type Thread, ThreadStoppedError } from '../thread/thread.ts';
import type { JudgeCalls, Known } from './messages.ts';
import { whileWanted } from './whileWanted.ts';

/** Draws conclusions, away from everybody who must not wait. */
export interface Judge {
  /** What became of changes that are part of what is known. `now`: epoch milliseconds. */
  weigh(known: Known, changeIds: readonly string[], now: number, signal?: AbortSignal): Promise<readonly Impact[]>;
  rank(known: Known, query: IncidentQuery, now: number, signal?: AbortSignal): Promise<readonly Incident[]>;
  close(): Promise<void>;
}

const NAME = 'investigations';

/** A server that still runs after so long is there to be asked. */
const PREPARE_AFTER_MILLIS = 5_000;

/**
 * A judge in a thread of its own, which is started when it is first needed or after a while, and again when it was lost.
 */
export function createJudge(log: Log, prepareAfterMillis = PREPARE_AFTER_MILLIS): Judge {
  let closed = false;
  let thread: Promise<Thread<JudgeCalls, never>> | undefined;
  const started = (): Promise<Thread<JudgeCalls, never>> => {
    // Who still asks while the server stops must not start a thread that nobody ends.
    if (closed) throw new ThreadStoppedError(NAME);
    thread ??= startThread<JudgeCalls>({
      module: new URL('./worker.ts', import.meta.url),
      name: NAME,
      data: null,
      log,
      onNotice: () => {},
      onStopped() {
        thread = undefined;
      },
    });
    thread.catch(() => {
      thread = undefined;
    });
    return thread;
  };
  const prepare = async (): Promise<void> => {
    // A thread that cannot start says so by itself, and again to whoever asks.
    await (await started()).call('rehearse', null);
  };
  const preparing = setTimeout(() => void prepare().catch(() => {}), prepareAfterMillis);
  preparing.unref();
  return {
    weigh: async (known, changeIds, now, signal) => {
      const asked = await started();
      return whileWanted(signal, (gone) => asked.call('weigh', { known, changeIds, now, gone }, signal));
    },
    rank: async (known, query, now, signal) => {
      const asked = await started();
      return whileWanted(signal, (gone) => asked.call('rank', { known, query, now, gone }, signal));
    },
    async close() {
      closed = true;
      clearTimeout(preparing);
      await (await thread?.catch(() => undefined))?.end();
    },
  };
}
