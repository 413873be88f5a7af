import type { Recorder } from '@aisix-observability/pipeline';
import { createSlots } from './archiveSlots.ts';
import { type BucketClient, ObjectTooLargeError } from './bucketClient.ts';
import { bucketFaultOf } from './bucketErrors.ts';
import type { ListedObject } from './bucketMemory.ts';
import { acceptObject, MAX_OBJECT_BYTES, type ObjectContext } from './bucketObject.ts';
import { ownFault, PollError, type PollFault } from './bucketPollFault.ts';
import type { FollowerProgress } from './bucketProgress.ts';
import { createRetries, FAILED_READS_IN_A_ROW } from './bucketRetries.ts';
import { RECEIVE_METRICS } from './receiver.ts';

/** Objects are small and stores slow to answer. */
const READS_AT_ONCE = 8;
/** Objects beyond this are read one at a time, so that memory stays bounded by about one of them. */
const LARGE_OBJECT_BYTES = 1024 * 1024;

const OBJECT_NAME = /\.ndjson(?:\.gz)?$/;

export interface TakeOptions extends ObjectContext {
  readonly client: BucketClient;
  readonly progress: FollowerProgress;
  readonly recorder: Recorder;
  readonly onAccepted: () => void;
}

/** What one poll took. */
export interface TakeCounts {
  taken: number;
  late: number;
  events: number;
  refused: number;
  setAside: number;
  /** Objects read, whatever was in them. */
  reads: number;
  /** The latest reason for which an object could not be read. */
  readFault?: PollFault;
}

/** Reads objects and notes what became of them. */
export interface ObjectTaker {
  /**
   * Takes objects of one partition, some at a time, in order of their modification.
   *
   * @throws PollError when the store or the stream fails, or the signal's reason.
   */
  takeAll(partition: string, objects: readonly ListedObject[], isLate: boolean, counts: TakeCounts): Promise<void>;
  /** Sets aside objects that fail again and again although others can be read. */
  giveUp(counts: TakeCounts): void;
  /** Objects that could not be read yet, of one partition or of all. */
  retrying(partition?: string): number;
}

export function createObjectTaker(options: TakeOptions): ObjectTaker {
  const { client, progress, signal, recorder, environment, now } = options;
  const retries = createRetries();
  const large = createSlots(1);
  const count = (result: string) => recorder.count('aisix_follow_objects', 1, { environment, result });

  function note(partition: string, object: ListedObject, result: string): void {
    retries.forget(object.key);
    progress.taken.take(partition, object);
    progress.changed();
    count(result);
  }

  function setAside(partition: string, object: ListedObject, reason: string, counts: TakeCounts): void {
    note(partition, object, 'set_aside');
    counts.setAside += 1;
    recorder.count('aisix_follow_set_aside', 1, { environment, reason });
    progress.addSetAside({ key: object.key, reason, at: now() });
  }

  async function read(partition: string, object: ListedObject, counts: TakeCounts) {
    const { key } = object;
    if (object.size > MAX_OBJECT_BYTES) return 'object_too_large';
    try {
      const stored = await client.read(key, MAX_OBJECT_BYTES, signal);
      retries.succeeded(key);
      counts.reads += 1;
      recorder.count(RECEIVE_METRICS.receivedBytes, stored.length, { input: 'follow_bucket' });
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
      counts.readFault = fault;
      retries.failed(partition, object, now());
      if (retries.failedInARow() >= FAILED_READS_IN_A_ROW) throw new PollError(fault);
      return undefined;
    }
  }

  async function takeOne(partition: string, object: ListedObject, isLate: boolean, counts: TakeCounts): Promise<void> {
    if (progress.isOld(object.modifiedAt)) return note(partition, object, 'old');
    if (!OBJECT_NAME.test(object.key)) return note(partition, object, 'ignored');
    if (retries.isWaiting(object.key, now())) return;

    const giveBack = object.size > LARGE_OBJECT_BYTES ? await large.take() : undefined;
    try {
      const stored = await read(partition, object, counts);
      if (stored === undefined) return;
      if (stored === 'object_too_large') return setAside(partition, object, stored, counts);
      const { events, refused, fault } = await acceptObject(object.key, stored, options).catch((error: unknown) => {
        throw signal.aborted ? error : new PollError(ownFault('accept_failed'), error);
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
      if (fault === undefined) note(partition, object, 'taken');
      else setAside(partition, object, fault, counts);
    } finally {
      giveBack?.();
    }
  }

  return {
    async takeAll(partition, objects, isLate, counts) {
      const queue = objects.toSorted((a, b) => a.modifiedAt - b.modifiedAt);
      let next = 0;
      let failure: { readonly error: unknown } | undefined;
      async function lane(): Promise<void> {
        while (next < queue.length && failure === undefined && !signal.aborted) {
          const object = queue[next] as ListedObject;
          next += 1;
          try {
            await takeOne(partition, object, isLate, counts);
            progress.save(false);
          } catch (error) {
            failure ??= { error };
          }
        }
      }
      await Promise.all(Array.from({ length: READS_AT_ONCE }, lane));
      if (failure !== undefined) throw failure.error;
      signal.throwIfAborted();
    },
    giveUp(counts) {
      for (const { partition, object } of retries.giveUp()) setAside(partition, object, 'unreadable', counts);
    },
    retrying: (partition) => retries.size(partition),
  };
}
