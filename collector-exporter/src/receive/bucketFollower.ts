import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { DecodeContext } from '../decode/context.ts';
import type { Accept } from '../report.ts';
import { type DecodeNdjson, realWait, type Wait } from './archiveAccept.ts';
import { type BucketSettings, type CreateBucketClient, createS3BucketClient } from './bucketClient.ts';
import { createBucketPoll, type PollResult } from './bucketPoll.ts';
import type { PollFault } from './bucketPollFault.ts';
import { createFollowerProgress } from './bucketProgress.ts';
import type { FollowerState, SetAsideObject } from './bucketState.ts';

export interface BucketFollowerOptions extends BucketSettings {
  /** Of the partitions' parent, without slashes at either end; empty for the whole bucket. */
  readonly prefix: string;
  readonly intervalMillis: number;
  readonly environment: string;
  readonly dataPlane?: string;
  /** Epoch milliseconds from which events are wanted when there is no state yet; absent: only what comes from now on. */
  readonly since?: number;
  readonly state: FollowerState;
  readonly accept: Accept;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly client?: CreateBucketClient;
  readonly decode?: DecodeNdjson;
  readonly keepRefused?: DecodeContext['keepRefused'];
  readonly wait?: Wait;
}

export interface FollowerHealth {
  /** `waiting`: the stream is full. `failing`: `fault` says what to check; what was not read is read later. */
  readonly state: 'starting' | 'ok' | 'waiting' | 'failing' | 'closed';
  readonly fault?: PollFault;
  /** Epoch milliseconds of the last poll that went through. */
  readonly lastSuccessAt?: number;
  /** Objects that could not be read yet. */
  readonly retrying: number;
  /** The latest objects that were given up, and how many there ever were. */
  readonly setAside: readonly SetAsideObject[];
  readonly setAsideCount: number;
  /** Everything before this time has been read. */
  readonly readUntil: number;
}

export interface BucketFollower {
  /** Polls until closed. */
  start(): void;
  /** Looks once. Never rejects; what went wrong is in the result and in the health. */
  pollOnce(): Promise<PollResult>;
  health(): FollowerHealth;
  /** Ends after what is in flight is durable. */
  close(): Promise<void>;
}

/** A store that fails is asked less and less often, up to this. */
const MAX_PAUSE_MILLIS = 5 * 60_000;

/**
 * Follows one prefix of one bucket to which gateways write with their `object_store` exporter. What is where, and why
 * nothing is missed, is told in `bucketPoll.ts` and `bucketMemory.ts`.
 *
 * @throws StateFileError when the state is of a newer version, and errors of the file system on reading it.
 */
export function createBucketFollower(options: BucketFollowerOptions): BucketFollower {
  const { now, intervalMillis, recorder, log, environment, wait = realWait } = options;
  const stop = new AbortController();
  const { signal } = stop;
  const client = (options.client ?? createS3BucketClient)(options);
  const progress = createFollowerProgress(options);
  let waiting = false;
  const poll = createBucketPoll({
    ...options,
    wait,
    signal,
    client,
    progress,
    onPause(_millis, code) {
      waiting = true;
      recorder.count('aisix_follow_pauses', 1, { environment, reason: code });
    },
    onAccepted() {
      waiting = false;
    },
  });
  let running: Promise<PollResult> | undefined;
  let looping: Promise<void> | undefined;
  let fault: PollFault | undefined;
  let lastSuccessAt: number | undefined;

  async function once(): Promise<PollResult> {
    const result = await poll(now());
    if (signal.aborted) return result;
    recorder.count('aisix_follow_polls', 1, { environment, result: result.fault?.code ?? 'ok' });
    recorder.gauge('aisix_follow_remembered_objects', progress.taken.size(), { environment });
    if (result.fault === undefined) lastSuccessAt = now();
    else if (result.fault.code !== fault?.code) {
      log('warn', 'A bucket cannot be followed at the moment; nothing is lost by it.', {
        bucket: options.bucket,
        prefix: options.prefix,
        code: result.fault.code,
        check: result.fault.message,
      });
    }
    if (result.fault === undefined && fault !== undefined) {
      log('info', 'A bucket is followed again.', { bucket: options.bucket, prefix: options.prefix });
    }
    fault = result.fault;
    return result;
  }

  function pollOnce(): Promise<PollResult> {
    running ??= once().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function loop(): Promise<void> {
    let failed = 0;
    while (!signal.aborted) {
      const result = await pollOnce();
      failed = result.fault === undefined ? 0 : failed + 1;
      const pause =
        failed > 0 ? Math.min(intervalMillis * 2 ** Math.min(failed, 16), MAX_PAUSE_MILLIS) : intervalMillis;
      if (result.more && failed === 0) continue;
      // Only an abort ends the pause early.
      await wait(Math.max(pause, intervalMillis), signal).catch(() => {});
    }
  }

  return {
    start() {
      looping ??= loop();
    },
    pollOnce,
    health: () => ({
      state: signal.aborted ? 'closed' : stateOf(),
      ...(fault === undefined ? {} : { fault }),
      ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
      retrying: poll.retrying(),
      setAside: progress.setAside(),
      setAsideCount: progress.setAsideCount(),
      readUntil: progress.openFrom(),
    }),
    async close() {
      stop.abort();
      await running;
      await looping;
      try {
        progress.saveLast();
      } catch {
        log('warn', 'A bucket follower could not write down its last steps; it will read some objects again.');
      }
      client.close();
    },
  };

  function stateOf(): FollowerHealth['state'] {
    if (waiting) return 'waiting';
    if (fault !== undefined) return 'failing';
    return lastSuccessAt === undefined ? 'starting' : 'ok';
  }
}
