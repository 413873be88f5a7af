import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Recorder } from '@aisix-observability/pipeline';

/** How often the loop is asked to turn; rarely enough to cost nothing, and a stall that matters is longer. */
const RESOLUTION_MILLIS = 20;
const NANOS = 1e9;

export const EVENT_LOOP_DELAY = 'aisix_event_loop_delay_seconds';

/**
 * Watches how long this thread holds up its event loop.
 *
 * @returns records the longest delay and the 99th percentile since the last call, and `close`.
 */
export function watchEventLoop(thread: string): { record(recorder: Recorder): void; close(): void } {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  delays.enable();
  // The pause that was asked for is part of what is measured.
  const seconds = (nanos: number) => Math.max(0, nanos / NANOS - RESOLUTION_MILLIS / 1_000);
  return {
    record(recorder) {
      if (delays.count === 0) return;
      recorder.gauge(EVENT_LOOP_DELAY, seconds(delays.max), { thread, value: 'max' });
      recorder.gauge(EVENT_LOOP_DELAY, seconds(delays.percentile(99)), { thread, value: 'p99' });
      delays.reset();
    },
    close: () => void delays.disable(),
  };
}
