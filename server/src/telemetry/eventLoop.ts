import type { Recorder } from '@aisix-observability/pipeline';

/** How often the loop is asked to turn: rarely enough to cost nothing, and a stall that anybody notices is longer. */
const TURN_MILLIS = 10;

export const EVENT_LOOP_TURN = 'aisix_event_loop_turn_seconds';

/** Seconds. An idle thread stays in the first. */
export const EVENT_LOOP_BOUNDARIES: readonly number[] = [0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/**
 * Watches how long this thread goes without a turn of its event loop: a histogram of the times between two turns, where
 * one was asked for every 10 ms, so that a stall is never shown shorter than it was.
 *
 * @param now milliseconds of a clock that never goes back.
 * @returns ends it.
 */
export function watchEventLoop(
  recorder: Recorder,
  thread: string,
  now: () => number = () => performance.now(),
): () => void {
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    recorder.observe(EVENT_LOOP_TURN, (at - last) / 1_000, { thread });
    last = at;
  }, TURN_MILLIS);
  timer.unref();
  return () => clearInterval(timer);
}
