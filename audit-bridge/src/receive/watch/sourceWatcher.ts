import type { Clock, Log, Recorder } from '@aisix-observability/pipeline';
import { snapshotDiff } from '../../adapt/snapshotDiff.ts';
import type { SourceState } from '../../adapt/sourceState.ts';
import type { FeedRef, Observation, Observe } from '../../model/observation.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { loadMemory } from '../jsonMemory.ts';
import { createOutbox } from '../outbox.ts';
import { createSilence, type Silence } from '../silence.ts';
import { createLookLoop, type LookRetry, retryPause } from './lookLoop.ts';
import type { Source } from './source.ts';
import { SourceError, type SourceFault } from './sourceFault.ts';
import { faultOfLook, type WatcherHealth, watcherHealth } from './watcherHealth.ts';
import type { WatchMemory } from './watchMemory.ts';
import { WATCH_METRICS } from './watchMetrics.ts';

/** What every watcher is given. */
export interface WatchDeps {
  readonly observe: Observe;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
}

export interface SourceWatcherOptions extends WatchDeps {
  readonly feed: FeedRef;
  readonly environment: string;
  /** Of sources beside a data plane. */
  readonly dataPlane?: string;
  readonly source: Source;
  readonly memory: WatchMemory;
  /** Between looks, when nothing tells of a change. */
  readonly pollMillis: number;
  /** While what failed may mend itself; default: soon, then as often as without a failure. */
  readonly retry?: LookRetry;
  /** A source that could not be read for so long is a gap. */
  readonly silentAfterMillis: number;
}

export interface Watcher {
  /** Looks until closed. */
  start(): void;
  /** Looks once, and resolves when what was found is handed on. Never rejects. */
  look(): Promise<void>;
  health(): WatcherHealth;
  close(): Promise<void>;
}

/** So often it is written down that nothing was new: after a crash, changes seem possible since then. */
const SAVE_HEARD_MILLIS = 10_000;
/** A source that is just being written is looked at again so soon, then less and less often. */
const FIRST_RETRY_MILLIS = 25;
/** A source that fails for good is asked less and less often, up to this. */
const MAX_RETRY_MILLIS = 60_000;
/** Tells whether a memory was written under the same key. */
const KEY_CHECK = 'memory of a watcher';
const KEY_CHECK_DIGITS = 24;

/**
 * Makes changes out of the looks at a source. What is found is handed on in order while the looking goes on, and is
 * remembered once it is durable, so that after a crash it is found again, under the same ids.
 *
 * @throws StateFileError when what is remembered was written by a newer version, and errors of the disk on reading it.
 */
export function createSourceWatcher(options: SourceWatcherOptions): Watcher {
  const { feed, environment, dataPlane, source, memory, redactor, clock, log, recorder } = options;
  const labels = { feed: feed.name };
  const outbox = createOutbox({ ...options, feed: feed.name });
  const stop = new AbortController();
  const keyCheck = redactor.digest(KEY_CHECK).slice(0, KEY_CHECK_DIGITS);
  const place = redactor.digest(JSON.stringify([source.place, environment, dataPlane ?? null]));

  let state: SourceState | undefined;
  /** Only true until the first successful look: then somebody watches. */
  let isBack = true;
  let savedHeardAt = Number.NEGATIVE_INFINITY;
  let fault: SourceFault | undefined;
  let failures = 0;
  let heardAt: number | undefined;
  let stopListening: (() => void) | undefined;
  const silence = begin();
  const loop = createLookLoop({ clock, look: lookOnce, pauseMillis });

  function begin(): Silence {
    const remembered = loadMemory(memory.source, log, labels);
    if (remembered !== undefined && (remembered.place !== place || remembered.keyCheck !== keyCheck)) {
      log('warn', 'A watcher begins anew: what it remembers is of another source or under another key.', labels);
    } else {
      state = remembered?.state;
    }
    const heard = loadMemory(memory.silence, log, labels);
    if (state !== undefined) state = { ...state, seenAt: Math.max(state.seenAt, heard?.seenAt ?? 0) };
    return createSilence({
      ...options,
      startedAt: clock.now(),
      remembered: heard ?? (state === undefined ? undefined : { heardAt: state.seenAt }),
    });
  }

  async function lookOnce(): Promise<void> {
    // What waits is told first; what changes meanwhile is found by a later look, as one change.
    if (outbox.isFull()) return failed(new SourceError('backlog_full', 'what was found cannot be handed on', true));
    const begunAt = clock.now();
    try {
      const read = await source.read(stop.signal);
      if (stop.signal.aborted) return;
      const observedAt = clock.now();
      const late = isBack || silence.isOpen(observedAt);
      const observations: Observation[] = silence.heard(observedAt);
      const known = state;
      if (read !== undefined) {
        const look = { ...read, at: writtenAt(read.writtenAt, observedAt), begunAt, observedAt, late };
        const found = snapshotDiff(known, look, options);
        observations.push(...found.observations);
        state = found.state;
      } else if (known !== undefined) {
        state = { ...known, seenAt: begunAt };
      }
      isBack = false;
      heardAt = observedAt;
      tell(observations, known === undefined || state?.generation !== known.generation);
      recovered();
    } catch (error) {
      if (stop.signal.aborted) return;
      failed(error);
    }
  }

  /** The time of writing is believed when it lies between the looks; clocks of file systems may be anywhere. */
  function writtenAt(told: number | undefined, now: number): number {
    if (told === undefined || told > now || (state !== undefined && told < state.seenAt)) return now;
    return told;
  }

  function tell(observations: readonly Observation[], isNew: boolean, isLast = false): void {
    const now = state;
    const heard = silence.state();
    const mayWait =
      !isNew && !isLast && observations.length === 0 && Math.abs(clock.now() - savedHeardAt) < SAVE_HEARD_MILLIS;
    if (mayWait) return;
    savedHeardAt = clock.now();
    for (const one of observations) recorder.count(WATCH_METRICS.observations, 1, { ...labels, type: one.type });
    outbox.put(observations, () => {
      if (isNew && now !== undefined) memory.source.save({ version: 1, place, keyCheck, state: now });
      memory.silence.save({ version: 1, ...heard, ...(now === undefined ? {} : { seenAt: now.seenAt }) });
    });
  }

  function recovered(): void {
    recorder.count(WATCH_METRICS.looks, 1, { ...labels, result: 'ok' });
    if (fault !== undefined) log('info', 'A source is watched again.', labels);
    fault = undefined;
    failures = 0;
  }

  function failed(error: unknown): void {
    const known = error instanceof SourceError;
    const now = faultOfLook(error);
    recorder.count(WATCH_METRICS.looks, 1, { ...labels, result: now.code });
    failures += 1;
    const gaps = silence.missed(clock.now(), now.code, !now.transient);
    const isNew = now.code !== fault?.code && (!now.transient || gaps.length > 0 || !known);
    if (isNew || gaps.length > 0) {
      log('warn', 'A source cannot be watched at the moment.', {
        ...labels,
        code: now.code,
        check: now.message,
        ...(known ? {} : { error: error instanceof Error ? error.name : 'unknown' }),
      });
    }
    fault = now;
    if (gaps.length > 0) tell(gaps, false);
  }

  function pauseMillis(): number {
    if (failures === 0) return options.pollMillis;
    if (fault?.transient === true) {
      return retryPause(failures, options.retry ?? { firstMillis: FIRST_RETRY_MILLIS, maxMillis: options.pollMillis });
    }
    return retryPause(failures, { firstMillis: options.pollMillis, maxMillis: MAX_RETRY_MILLIS });
  }

  return {
    start() {
      if (stopListening !== undefined) return;
      stopListening = source.listen?.(loop.run) ?? (() => {});
      loop.run();
    },
    async look() {
      await loop.look();
      await outbox.settled();
    },
    health: () => watcherHealth(stop.signal.aborted, fault, heardAt),
    async close() {
      stop.abort();
      stopListening?.();
      await loop.close();
      if (heardAt !== undefined) tell([], false, true);
      await outbox.close();
    },
  };
}
