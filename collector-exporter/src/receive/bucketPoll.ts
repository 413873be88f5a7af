import type { Log } from '@aisix-observability/pipeline';
import { bucketFaultOf } from './bucketErrors.ts';
import type { ListedObject } from './bucketMemory.ts';
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
import { ownFault, PollError, type PollFault } from './bucketPollFault.ts';
import { FollowerSaveError, SWEEP_HOURS } from './bucketProgress.ts';
import { createObjectTaker, type TakeCounts, type TakeOptions } from './bucketTake.ts';

export interface PollResult extends Readonly<Omit<TakeCounts, 'reads' | 'readFault'>> {
  /** Partitions listed to their end. */
  readonly partitions: number;
  /** Objects seen in listings. */
  readonly listed: number;
  /** Objects whose events are durable. */
  readonly taken: number;
  /** Of these, found after their partition was over. */
  readonly late: number;
  readonly events: number;
  /** Lines refused by the decoder. */
  readonly refused: number;
  /** Objects given up. */
  readonly setAside: number;
  /** Older partitions are left for the next poll. */
  readonly more: boolean;
  readonly fault?: PollFault;
}

export interface BucketPollOptions extends TakeOptions {
  readonly prefix: string;
  readonly log: Log;
}

export interface BucketPoll {
  /** Looks once; `at` is the time by which partitions are chosen. Never rejects. */
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

interface Counts extends TakeCounts {
  partitions: number;
  listed: number;
}

/**
 * One look at a bucket. Keys are hashes, so nothing can be said from their order: each partition that may have
 * received objects is listed whole, and what was not taken before is read. Live hours are listed every time, hours
 * within the slack and `dt=unknown` every minute, hours that are over every hour for two days. An object counts as
 * taken once its events are durable; a crash in between reads it again, which changes nothing downstream.
 */
export function createBucketPoll(options: BucketPollOptions): BucketPoll {
  const { client, progress, signal, recorder, environment } = options;
  const { taken } = progress;
  const prefix = options.prefix.replace(/^\/+|\/+$/g, '');
  const base = prefix === '' ? '' : `${prefix}/`;
  const taker = createObjectTaker(options);
  /** When each partition was last listed to its end, by this process. */
  const listedAt = new Map<string, number>();

  function isDue(partition: string, at: number, every: number): boolean {
    const last = listedAt.get(partition);
    return last === undefined || at - last >= every || at < last;
  }

  function due(at: number): { readonly partitions: string[]; readonly more: boolean } {
    // A clock that was set back must not leave hours out.
    progress.moveOpenFrom(Math.min(progress.openFrom(), firstOpenHour(at)));
    const { hours, more } = hoursFrom(progress.openFrom(), at, HOURS_PER_POLL);
    const live: string[] = [];
    const quiet: string[] = [];
    for (const hour of hours) {
      const partition = partitionOfHour(hour);
      if (isLive(hour, at)) live.push(partition);
      else if (isOver(hour, at) || isDue(partition, at, QUIET_LIST_MILLIS)) quiet.push(partition);
    }
    if (isDue(UNKNOWN_PARTITION, at, QUIET_LIST_MILLIS)) quiet.push(UNKNOWN_PARTITION);
    const sweep = taken
      .partitions()
      .filter((partition) => isClosed(partition) && isDue(partition, at, SWEEP_MILLIS))
      .sort((a, b) => (listedAt.get(a) ?? 0) - (listedAt.get(b) ?? 0))
      .slice(0, SWEEPS_PER_POLL);
    return { partitions: [...live, ...quiet, ...sweep], more };
  }

  function isClosed(partition: string): boolean {
    const hour = hourOfPartition(partition);
    return hour !== undefined && hour < progress.openFrom();
  }

  async function list(partition: string, next: string | undefined) {
    recorder.count('aisix_follow_list_requests', 1, { environment });
    try {
      return await client.list(`${base}${partition}/`, next, signal);
    } catch (error) {
      throw signal.aborted ? error : new PollError(bucketFaultOf(error));
    }
  }

  async function follow(partition: string, at: number, counts: Counts): Promise<void> {
    const isLate = isClosed(partition);
    const isSum = taken.isSettled(partition);
    const listing: ListedObject[] = [];
    let next: string | undefined;
    do {
      const page = await list(partition, next);
      counts.listed += page.objects.length;
      if (isSum) listing.push(...page.objects);
      else await taker.takeAll(partition, taken.unseen(partition, page.objects).objects, isLate, counts);
      next = page.next;
    } while (next !== undefined);
    if (isSum) {
      const { objects, again } = taken.unseen(partition, listing);
      if (again) recorder.count('aisix_follow_partitions_read_again', 1, { environment });
      await taker.takeAll(partition, objects, isLate && !again, counts);
    }
    counts.partitions += 1;
    listedAt.set(partition, at);
    const isMuch = partition === UNKNOWN_PARTITION && taken.size(partition) > MAX_UNKNOWN_REMEMBERED;
    const isLoose = taken.size(partition) > 0 || !taken.isSettled(partition);
    if ((isLate || isMuch) && isLoose && taker.retrying(partition) === 0) settle(partition);
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
      if (!isOver(hour, at) || (listedAt.get(partition) ?? 0) < over || taker.retrying(partition) > 0) break;
      settle(partition);
      progress.moveOpenFrom(hour + HOUR_MILLIS);
    }
    const oldest = hourOf(at) - SWEEP_HOURS * HOUR_MILLIS;
    progress.forgetBefore(oldest);
    for (const partition of listedAt.keys()) {
      if (isClosed(partition) && (hourOfPartition(partition) ?? oldest) < oldest) listedAt.delete(partition);
    }
  }

  function faultOf(error: unknown): PollFault {
    if (signal.aborted) return ownFault('closed');
    const fault =
      error instanceof PollError
        ? error.fault
        : ownFault(error instanceof FollowerSaveError ? 'state_failed' : 'unexpected');
    const cause = error instanceof PollError || error instanceof FollowerSaveError ? error.cause : error;
    if (cause instanceof Error) {
      // Named by its class and code: the message of an unforeseen error may quote what was stored.
      const { code } = cause as NodeJS.ErrnoException;
      options.log('error', 'A poll of a bucket failed.', { code: fault.code, error: cause.name, cause: code });
    }
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
      reads: 0,
    };
    let more = false;
    let fault: PollFault | undefined;
    try {
      const chosen = due(at);
      const openFrom = progress.openFrom();
      for (const partition of chosen.partitions) {
        await follow(partition, at, counts);
        taker.giveUp(counts);
        closeHours(at);
      }
      // Without an advance the next poll would find the same, so it may wait.
      more = chosen.more && progress.openFrom() > openFrom;
      // Where nothing at all can be read, the reason is worth more than "retrying".
      if (counts.reads === 0) fault = counts.readFault;
    } catch (error) {
      fault = faultOf(error);
    }
    try {
      progress.save(true);
    } catch (error) {
      fault ??= faultOf(error);
    }
    const { reads: _, readFault: __, ...result } = counts;
    return { ...result, more, ...(fault === undefined ? {} : { fault }) };
  }

  return Object.assign(poll, { retrying: () => taker.retrying() });
}
