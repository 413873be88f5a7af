import type { Log, Recorder } from '@aisix-observability/pipeline';
import { createSlots } from './archiveSlots.ts';
import { type BucketClient, ObjectTooLargeError } from './bucketClient.ts';
import { type BucketFaultCode, bucketFaultOf } from './bucketErrors.ts';
import type { ListedObject } from './bucketMemory.ts';
import { acceptObject, MAX_OBJECT_BYTES, type ObjectContext } from './bucketObject.ts';
import {
  CLOCK_SKEW_MILLIS,
  firstOpenHour,
  HOUR_MILLIS,
  hourOf,
  hourOfPartition,
  hoursFrom,
  isLive,
  isOver,
  partitionOfHour,
  SLACK_MILLIS,
  UNKNOWN_PARTITION,
} from './bucketPartitions.ts';
import { type FollowerProgress, SWEEP_HOURS } from './bucketProgress.ts';
import { createRetries, FAILED_READS_IN_A_ROW } from './bucketRetries.ts';

/** Why a poll did not go through. The message names what to check and holds nothing from outside. */
export interface PollFault {
  /** One of the store's, or one of {@link OWN_FAULTS}. */
  readonly code: BucketFaultCode | OwnFaultCode;
  readonly message: string;
}

/** Faults on this side of the store. */
export const OWN_FAULTS = {
  accept_failed: 'events could not be stored: see what the log says of the stream',
  state_failed: 'the follower cannot write down what it has read: check `data_dir`',
  unexpected: 'a fault of this program: see the log',
  closed: 'the follower was closed',
} as const;

export type OwnFaultCode = keyof typeof OWN_FAULTS;

export interface PollResult {
  /** Partitions listed to their end. */
  readonly partitions: number;
  /** Objects seen in listings. */
  readonly listed: number;
  /** Objects taken whose events are durable. */
  readonly taken: number;
  /** Of these, found after their partition was over. */
  readonly late: number;
  readonly events: number;
  /** Lines refused by the decoder. */
  readonly refused: number;
  readonly setAside: number;
  /** Older partitions are left for the next poll. */
  readonly more: boolean;
  readonly fault?: PollFault;
}

export interface BucketPollOptions extends Omit<ObjectContext, 'onPause'> {
  readonly prefix: string;
  readonly client: BucketClient;
  readonly progress: FollowerProgress;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly onPause: ObjectContext['onPause'];
  readonly onAccepted: () => void;
}

export interface BucketPoll {
  /** Looks once; `at` is the time by which partitions are chosen. */
  (at: number): Promise<PollResult>;
  /** Objects that could not be read yet. */
  retrying(): number;
}

/** Hours that are not live but may still receive objects, and `dt=unknown`: listing costs money in some stores. */
const QUIET_LIST_MILLIS = 60_000;
/** Hours that are over. */
const SWEEP_MILLIS = HOUR_MILLIS;
/** Sweeping is spread over polls so that it never holds up fresh objects for long. */
const SWEEPS_PER_POLL = 4;
/** After a long absence the oldest so many hours are read before fresh objects are looked for again. */
const HOURS_PER_POLL = 200;
/** `dt=unknown` is never over, so its keys are folded into their sum from time to time. */
const MAX_UNKNOWN_REMEMBERED = 10_000;

/** Objects are small and stores slow to answer. */
const READS_AT_ONCE = 8;
/** Objects beyond this are read one at a time, so that memory stays bounded by about one of them. */
const LARGE_OBJECT_BYTES = 1024 * 1024;

const OBJECT_NAME = /\.ndjson(?:\.gz)?$/;

type Counts = { -readonly [key in keyof Omit<PollResult, 'fault'>]: PollResult[key] };

/** Ends a poll. */
class PollError extends Error {
  readonly fault: PollFault;

  constructor(fault: PollFault, cause?: unknown) {
    super(fault.code, { cause });
    this.fault = fault;
  }
}

const own = (code: OwnFaultCode): PollFault => ({ code, message: OWN_FAULTS[code] });

/**
 * One look at a bucket. Keys are hashes, so nothing can be said from their order: each partition that may have
 * received objects is listed whole, and what was not taken before is read. Live hours are listed every time, hours
 * within the slack and `dt=unknown` every minute, hours that are over every hour for two days. An object counts as
 * taken once its events are durable; a crash in between reads it again, which changes nothing downstream.
 */
export function createBucketPoll(options: BucketPollOptions): BucketPoll {
  const { client, progress, signal, recorder, environment, now } = options;
  const { taken } = progress;
  const base = options.prefix === '' ? '' : `${options.prefix.replace(/^\/+|\/+$/g, '')}/`;
  /** When each partition was last listed to its end, by this process. */
  const listedAt = new Map<string, number>();
  const retries = createRetries();
  const large = createSlots(1);
  /** Of the present poll. */
  let readFault: PollFault | undefined;
  let reads = 0;
  const count = (result: string) => recorder.count('aisix_follow_objects', 1, { environment, result });

  function due(at: number): { readonly partitions: string[]; readonly more: boolean } {
    // A clock that was set back must not leave hours out.
    progress.moveOpenFrom(Math.min(progress.openFrom(), firstOpenHour(at)));
    const { hours, more } = hoursFrom(progress.openFrom(), at, HOURS_PER_POLL);
    const live: string[] = [];
    const quiet: string[] = [];
    for (const hour of hours) {
      const partition = partitionOfHour(hour);
      if (isLive(hour, at)) live.push(partition);
      else if (isDue(partition, at, QUIET_LIST_MILLIS) || isOver(hour, at)) quiet.push(partition);
    }
    if (isDue(UNKNOWN_PARTITION, at, QUIET_LIST_MILLIS)) quiet.push(UNKNOWN_PARTITION);
    const sweep = taken
      .partitions()
      .filter(
        (partition) => (hourOfPartition(partition) ?? at) < progress.openFrom() && isDue(partition, at, SWEEP_MILLIS),
      )
      .sort((a, b) => (listedAt.get(a) ?? 0) - (listedAt.get(b) ?? 0))
      .slice(0, SWEEPS_PER_POLL);
    return { partitions: [...live, ...quiet, ...sweep], more };
  }

  function isDue(partition: string, at: number, every: number): boolean {
    const last = listedAt.get(partition);
    return last === undefined || at - last >= every || at < last;
  }

  async function list(prefix: string, next: string | undefined) {
    recorder.count('aisix_follow_list_requests', 1, { environment });
    try {
      return await client.list(prefix, next, signal);
    } catch (error) {
      throw new PollError(bucketFaultOf(error));
    }
  }

  async function follow(partition: string, at: number, counts: Counts): Promise<void> {
    const hour = hourOfPartition(partition);
    const isLate = hour !== undefined && hour < progress.openFrom();
    const whole = taken.isSettled(partition);
    const listing: ListedObject[] = [];
    let next: string | undefined;
    do {
      const page = await list(`${base}${partition}/`, next);
      counts.listed += page.objects.length;
      if (whole) listing.push(...page.objects);
      else await takeAll(partition, taken.unseen(partition, page.objects).objects, false, counts);
      next = page.next;
    } while (next !== undefined);
    if (whole) {
      const { objects, again } = taken.unseen(partition, listing);
      if (again) {
        recorder.count('aisix_follow_partitions_read_again', 1, { environment });
        progress.changed();
      }
      await takeAll(partition, objects, isLate && !again, counts);
    }
    counts.partitions += 1;
    listedAt.set(partition, at);
    const isMuch = partition === UNKNOWN_PARTITION && taken.size(partition) > MAX_UNKNOWN_REMEMBERED;
    const isLoose = taken.size(partition) > 0 || !taken.isSettled(partition);
    if ((isLate || isMuch) && isLoose && retries.size(partition) === 0) settle(partition);
  }

  function settle(partition: string): void {
    taken.settle(partition);
    progress.changed();
  }

  /** Settles hours that were listed to their end after they were over, oldest first. */
  function closeHours(at: number): void {
    for (;;) {
      const hour = progress.openFrom();
      const partition = partitionOfHour(hour);
      const over = hour + HOUR_MILLIS + SLACK_MILLIS + CLOCK_SKEW_MILLIS;
      if (!isOver(hour, at) || (listedAt.get(partition) ?? 0) < over) break;
      if (retries.size(partition) > 0) break;
      settle(partition);
      progress.moveOpenFrom(hour + HOUR_MILLIS);
    }
    const oldest = hourOf(at) - SWEEP_HOURS * HOUR_MILLIS;
    progress.forgetBefore(oldest);
    for (const partition of listedAt.keys()) {
      const hour = hourOfPartition(partition);
      if (hour !== undefined && hour < oldest && hour < progress.openFrom()) listedAt.delete(partition);
    }
  }

  async function takeAll(partition: string, objects: ListedObject[], isLate: boolean, counts: Counts): Promise<void> {
    const queue = objects.toSorted((a, b) => a.modifiedAt - b.modifiedAt).values();
    let failure: { readonly error: unknown } | undefined;
    async function lane(): Promise<void> {
      // The iterator is shared: each lane takes the next object.
      for (const object of queue) {
        if (failure !== undefined || signal.aborted) return;
        try {
          await takeOne(partition, object, isLate, counts);
          save(false);
        } catch (error) {
          failure ??= { error };
        }
      }
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
    if (failure !== undefined) throw failure.error;
    signal.throwIfAborted();
  }

  async function takeOne(partition: string, object: ListedObject, isLate: boolean, counts: Counts): Promise<void> {
    const { key } = object;
    const done = (result: string) => {
      retries.forget(key);
      taken.take(partition, object);
      progress.changed();
      count(result);
    };
    if (progress.isOld(object.modifiedAt)) return done('old');
    if (!OBJECT_NAME.test(key)) return done('ignored');
    if (retries.isWaiting(key, now())) return;

    const giveBack = object.size > LARGE_OBJECT_BYTES ? await large.take() : undefined;
    try {
      const stored = await read(partition, object);
      if (stored === undefined) return;
      if (stored === 'object_too_large') {
        done('set_aside');
        return setAside(key, stored, counts);
      }
      const { events, refused, fault } = await acceptObject(key, stored, options).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new PollError(own('accept_failed'), error);
      });
      options.onAccepted();
      counts.events += events;
      counts.refused += refused;
      counts.taken += 1;
      if (isLate) {
        counts.late += 1;
        recorder.count('aisix_follow_late_objects', 1, { environment });
      }
      recorder.observe('aisix_follow_object_age', Math.max(0, now() - object.modifiedAt) / 1000, { environment });
      done(fault === undefined ? 'taken' : 'set_aside');
      if (fault !== undefined) setAside(key, fault, counts);
    } finally {
      giveBack?.();
    }
  }

  function setAside(key: string, reason: string, counts: Counts): void {
    counts.setAside += 1;
    recorder.count('aisix_follow_set_aside', 1, { environment, reason });
    progress.addSetAside({ key, reason, at: now() });
  }

  async function read(partition: string, object: ListedObject): Promise<Uint8Array | 'object_too_large' | undefined> {
    const { key } = object;
    if (object.size > MAX_OBJECT_BYTES) return 'object_too_large';
    try {
      const stored = await client.read(key, MAX_OBJECT_BYTES, signal);
      retries.succeeded(key);
      reads += 1;
      return stored;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof ObjectTooLargeError) return 'object_too_large';
      const fault = bucketFaultOf(error);
      if (fault.code === 'object_gone') {
        retries.forget(key);
        count('gone');
        return undefined;
      }
      count('failed');
      readFault = fault;
      retries.failed(partition, object, now());
      if (retries.failedInARow() >= FAILED_READS_IN_A_ROW) throw new PollError(fault);
      return undefined;
    }
  }

  function giveUp(counts: Counts): void {
    for (const { partition, object } of retries.giveUp()) {
      taken.take(partition, object);
      count('set_aside');
      setAside(object.key, 'unreadable', counts);
    }
  }

  function save(atOnce: boolean): void {
    try {
      progress.save(atOnce);
    } catch (error) {
      throw new PollError(own('state_failed'), error);
    }
  }

  function faultOf(error: unknown): PollFault {
    if (signal.aborted) return own('closed');
    const fault = error instanceof PollError ? error.fault : own('unexpected');
    const cause = error instanceof PollError ? error.cause : error;
    if (cause instanceof Error)
      options.log('error', 'A poll of a bucket failed.', { code: fault.code, stack: cause.stack });
    return fault;
  }

  async function poll(at: number): Promise<PollResult> {
    const counts: Counts = {
      partitions: 0,
      listed: 0,
      taken: 0,
      late: 0,
      events: 0,
      refused: 0,
      setAside: 0,
      more: false,
    };
    readFault = undefined;
    reads = 0;
    let fault: PollFault | undefined;
    try {
      const { partitions, more } = due(at);
      const openFrom = progress.openFrom();
      for (const partition of partitions) {
        await follow(partition, at, counts);
        giveUp(counts);
        closeHours(at);
      }
      // Without an advance the next poll would find the same, so it may wait.
      counts.more = more && progress.openFrom() > openFrom;
      // Where nothing at all can be read, the reason is worth more than "retrying".
      if (reads === 0) fault = readFault;
    } catch (error) {
      fault = faultOf(error);
    }
    try {
      save(true);
    } catch (error) {
      fault ??= faultOf(error);
    }
    return fault === undefined ? counts : { ...counts, fault };
  }

  return Object.assign(poll, { retrying: () => retries.size() });
}
