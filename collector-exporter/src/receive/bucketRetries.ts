import type { ListedObject } from './bucketMemory.ts';

/** An object that cannot be read while others can is given up after so many tries. */
export const MAX_TRIES = 5;
const RETRY_MILLIS = 10_000;
const MAX_RETRY_MILLIS = 5 * 60_000;

/** So many failed reads in a row are the store's fault, not the objects'. */
export const FAILED_READS_IN_A_ROW = 10;

interface Failure {
  readonly object: ListedObject;
  readonly partition: string;
  tries: number;
  nextAt: number;
  /** Objects read well until the first failure of this one. */
  readonly readsThen: number;
}

/** Objects that could not be read, and when to try them again. */
export interface Retries {
  /** True while it is too early to try an object again. */
  isWaiting(key: string, now: number): boolean;
  failed(partition: string, object: ListedObject, now: number): void;
  /** An object was read. */
  succeeded(key: string): void;
  forget(key: string): void;
  /**
   * Objects that failed {@link MAX_TRIES} times although others could be read meanwhile; they are not waited for any
   * more. When nothing can be read, it is the store, and nothing is given up.
   */
  giveUp(): { readonly partition: string; readonly object: ListedObject }[];
  /** Of one partition, or of all. */
  size(partition?: string): number;
  failedInARow(): number;
}

export function createRetries(): Retries {
  const failures = new Map<string, Failure>();
  let reads = 0;
  let inARow = 0;

  return {
    isWaiting: (key, now) => (failures.get(key)?.nextAt ?? 0) > now,
    failed(partition, object, now) {
      const failure = failures.get(object.key) ?? { object, partition, tries: 0, nextAt: 0, readsThen: reads };
      failure.nextAt = now + Math.min(RETRY_MILLIS * 2 ** failure.tries, MAX_RETRY_MILLIS);
      failure.tries += 1;
      failures.set(object.key, failure);
      inARow += 1;
    },
    succeeded(key) {
      failures.delete(key);
      reads += 1;
      inARow = 0;
    },
    forget: (key) => void failures.delete(key),
    giveUp() {
      const given = failures
        .values()
        .filter(({ tries, readsThen }) => tries >= MAX_TRIES && reads > readsThen)
        .toArray();
      for (const { object } of given) failures.delete(object.key);
      return given;
    },
    size: (partition) =>
      partition === undefined
        ? failures.size
        : failures
            .values()
            .filter((failure) => failure.partition === partition)
            .toArray().length,
    failedInARow: () => inARow,
  };
}
