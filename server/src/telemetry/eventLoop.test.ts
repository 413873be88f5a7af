import { silentRecorder } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EVENT_LOOP_TURN, watchEventLoop } from './eventLoop.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows a loop that was held up at least as long as it was', () => {
  const seen: { name: string; value: number; labels: unknown }[] = [];
  const recorder = {
    ...silentRecorder,
    observe: (name: string, value: number, labels?: object) => void seen.push({ name, value, labels }),
  };
  let now = 0;
  const stop = watchEventLoop(recorder, 'main', () => now);
  now = 10;
  vi.advanceTimersByTime(10);
  now = 13;
  // Held up for 60 ms from here: the turn that was due at 20 comes at 73.
  now += 60;
  vi.advanceTimersByTime(10);
  expect(seen).toEqual([
    { name: EVENT_LOOP_TURN, value: 0.01, labels: { thread: 'main' } },
    { name: EVENT_LOOP_TURN, value: 0.063, labels: { thread: 'main' } },
  ]);
  stop();
  now = 200;
  vi.advanceTimersByTime(100);
  expect(seen).toHaveLength(2);
});
