import { loadEvents, type RecordingName } from './load.ts';

/** Newest event of a recording this long before now: the live partitions of a bucket are followed at once. */
const AGE_MILLIS = 30_000;

/** Milliseconds, a whole number of seconds, that bring a recording to the present. */
export function shiftToNow(name: RecordingName): number {
  const newest = Math.max(...loadEvents(name).map(({ occurred_at }) => Date.parse(occurred_at)));
  return Math.floor((Date.now() - AGE_MILLIS - newest) / 1_000) * 1_000;
}
