import { z } from 'zod';
import { canonicalJson, valueHash } from '../../model/canonicalJson.ts';
import type { FeedRef, Observation, StatusObservation } from '../../model/observation.ts';
import { jsonMemory, loadMemory, type Memory } from '../jsonMemory.ts';
import { createOutbox } from '../outbox.ts';
import { createSilence, type SilenceState } from '../silence.ts';
import { createLookLoop, retryPause } from './lookLoop.ts';
import { SourceError, type SourceFault } from './sourceFault.ts';
import type { WatchDeps, Watcher } from './sourceWatcher.ts';
import { fetchStatus } from './statusFetch.ts';
import { parseStatus, type StatusContent } from './statusFormat.ts';
import { faultOfLook, watcherHealth } from './watcherHealth.ts';
import { memoryPath } from './watchMemory.ts';
import { WATCH_METRICS } from './watchMetrics.ts';

/** What is remembered of a data plane's answers. */
export interface RememberedStatus {
  readonly version: 1;
  readonly place: string;
  /** Which told content it was, counted from the first: tells a state that came back from the one before. */
  readonly generation: number;
  readonly since: number;
  readonly last?: StatusContent;
  readonly silence: SilenceState;
}

const rememberedStatus = z.object({
  version: z.literal(1),
  place: z.string(),
  generation: z.number(),
  since: z.number(),
  last: z
    .object({
      state: z.string(),
      connected: z.boolean().optional(),
      appliedRevision: z.number().optional(),
      applySeq: z.number().optional(),
      appliedAt: z.number().optional(),
      rejected: z.array(z.object({ kind: z.string(), id: z.string(), servingStaleSince: z.number().optional() })),
    })
    .optional(),
  silence: z.object({
    heardAt: z.number(),
    open: z.object({ from: z.number(), reason: z.string() }).optional(),
  }),
}) as z.ZodType<RememberedStatus>;

/** Keeps it in `<dataDir>/watch/<name>.status.json`. @throws RangeError when the name cannot be a file name. */
export function fileStatusMemory(dataDir: string, name: string): Memory<RememberedStatus> {
  return jsonMemory(memoryPath(dataDir, name, 'status.json'), rememberedStatus);
}

export interface StatusWatcherOptions extends WatchDeps {
  /** Unique name of this feed. */
  readonly name: string;
  /** Of the data plane's metrics listener, with the path `/status/config`. */
  readonly url: string;
  readonly environment: string;
  readonly dataPlane: string;
  readonly memory: Memory<RememberedStatus>;
  readonly fetch: typeof fetch;
  readonly feedType?: FeedRef['type'];
  readonly pollMillis?: number;
  /** A data plane that does not answer for so long is unreachable. */
  readonly silentAfterMillis?: number;
}

/** Answers are small, and times in force are whole seconds there anyway. */
const DEFAULT_POLL_MILLIS = 2_000;
/** A few polls: one that is lost says nothing. */
const DEFAULT_SILENT_AFTER_MILLIS = 10_000;
const RETRY = { firstMillis: 500, maxMillis: 10_000 };
/** So often it is written down that nothing moved. */
const SAVE_MILLIS = 10_000;

/**
 * Asks a data plane's `/status/config` again and again and tells when something in it moved. While it does not answer
 * it is `unreachable`, and the rest stays what it was: that a refusal is not heard of is no sign that it ended.
 *
 * @throws StateFileError when what is remembered was written by a newer version.
 */
export function createStatusWatcher(options: StatusWatcherOptions): Watcher {
  const { environment, dataPlane, memory, redactor, clock, log, recorder } = options;
  const feed: FeedRef = { type: options.feedType ?? 'status', name: options.name };
  const labels = { feed: feed.name };
  const outbox = createOutbox({ ...options, feed: feed.name });
  const stop = new AbortController();
  const place = redactor.digest(canonicalJson([options.url, environment, dataPlane]));
  const pollMillis = options.pollMillis ?? DEFAULT_POLL_MILLIS;

  const loaded = loadMemory(memory, log, labels);
  const remembered = loaded?.place === place ? loaded : undefined;
  let last = remembered?.last;
  let generation = remembered?.generation ?? 0;
  const since = remembered?.since ?? clock.now();
  const silence = createSilence({
    feed,
    environment,
    dataPlane,
    silentAfterMillis: options.silentAfterMillis ?? DEFAULT_SILENT_AFTER_MILLIS,
    startedAt: clock.now(),
    remembered: remembered?.silence,
  });
  let savedAt = Number.NEGATIVE_INFINITY;
  let heardAt: number | undefined;
  let fault: SourceFault | undefined;
  let failures = 0;
  const loop = createLookLoop({
    clock,
    look,
    pauseMillis: () => (failures === 0 ? pollMillis : retryPause(failures, RETRY)),
  });

  async function look(): Promise<void> {
    // What waits is told first; what changes meanwhile is found by a later look, as one change.
    if (outbox.isFull()) return failed(new SourceError('backlog_full', 'what was found cannot be handed on', true));
    try {
      const text = await fetchStatus(options.fetch, options.url, stop.signal);
      if (stop.signal.aborted) return;
      const content = parseStatus(text, redactor);
      heardAt = clock.now();
      tell([...silence.heard(heardAt), ...moved(content)]);
      if (fault !== undefined) log('info', 'A data plane tells its status again.', labels);
      fault = undefined;
      failures = 0;
    } catch (error) {
      if (!stop.signal.aborted) failed(error);
    }
    recorder.count(WATCH_METRICS.looks, 1, { ...labels, result: fault?.code ?? 'ok' });
  }

  function failed(error: unknown): void {
    failures += 1;
    fault = faultOfLook(error);
    const gaps = silence.missed(clock.now(), fault.code);
    if (gaps.length === 0) return;
    log('warn', 'A data plane does not tell its status.', { ...labels, code: fault.code, check: fault.message });
    tell([...gaps, ...moved({ rejected: [], ...last, state: 'unreachable' })]);
  }

  function moved(content: StatusContent): StatusObservation[] {
    if (last !== undefined && canonicalJson(last) === canonicalJson(content)) return [];
    last = content;
    generation += 1;
    return [
      {
        type: 'status',
        observationId: valueHash(['status', environment, dataPlane, feed.name, since, generation, content]),
        feed,
        observedAt: clock.now(),
        environment,
        dataPlane,
        ...content,
      },
    ];
  }

  function tell(observations: readonly Observation[], isLast = false): void {
    if (observations.length === 0 && !isLast && Math.abs(clock.now() - savedAt) < SAVE_MILLIS) return;
    savedAt = clock.now();
    for (const one of observations) recorder.count(WATCH_METRICS.observations, 1, { ...labels, type: one.type });
    const now: RememberedStatus = {
      version: 1,
      place,
      generation,
      since,
      ...(last === undefined ? {} : { last }),
      silence: silence.state(),
    };
    outbox.put(observations, () => memory.save(now));
  }

  return {
    start: loop.run,
    async look() {
      await loop.look();
      await outbox.settled();
    },
    health: () => watcherHealth(stop.signal.aborted, fault, heardAt),
    async close() {
      stop.abort();
      await loop.close();
      if (heardAt !== undefined) tell([], true);
      await outbox.close();
    },
  };
}
