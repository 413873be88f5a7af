import { hash as digestText } from 'node:crypto';

/** One object of a listing. */
export interface ListedObject {
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Epoch milliseconds, whole seconds in most stores, by the store's clock. */
  readonly modifiedAt: number;
}

/** Objects that were taken and are remembered as a sum only. */
export interface Settled {
  readonly objects: number;
  /** XOR of the 64-bit hashes of their keys, 16 hex digits. */
  readonly digest: string;
  /** The latest modification among them. */
  readonly newest: number;
}

/** What is remembered of one partition. */
export interface PartitionMemory {
  /** Hashes of keys, 11 characters each. */
  readonly taken: readonly string[];
  /** The latest modification among `taken`. */
  readonly newest: number;
  readonly settled?: Settled;
}

/**
 * Which objects were taken. Keys are hashes of contents, so a new object may sort anywhere: while a partition can
 * receive objects, each of its keys is remembered (as a 64-bit hash). Afterwards the partition is *settled* into a
 * count, a digest and the latest modification, which still tell in one listing whether anything came late.
 */
export interface TakenObjects {
  has(partition: string, key: string): boolean;
  take(partition: string, object: Pick<ListedObject, 'key' | 'modifiedAt'>): void;
  /**
   * The objects of a complete listing that were not taken. Where a settled sum does not fit the listing (an object
   * arrived with an old modification time, or was deleted), all that it stood for are given again: reading twice
   * changes nothing, missing one would.
   */
  unseen(
    partition: string,
    listing: readonly ListedObject[],
  ): { readonly objects: ListedObject[]; readonly again: boolean };
  /** Forgets single keys of a partition in favour of their sum. */
  settle(partition: string): void;
  /** True when something of the partition is known as a sum only, so that {@link unseen} needs the whole listing. */
  isSettled(partition: string): boolean;
  /** Hashes held, over all partitions, or of one. */
  size(partition?: string): number;
  partitions(): readonly string[];
  /** Remembers nothing of a partition any more. */
  forget(partition: string): void;
  snapshot(): Record<string, PartitionMemory>;
}

interface State {
  taken: Set<string>;
  newest: number;
  settled?: Settled;
}

const NO_DIGEST = '0'.repeat(16);

export function createTakenObjects(earlier: Readonly<Record<string, PartitionMemory>> = {}): TakenObjects {
  const states = new Map<string, State>(
    Object.entries(earlier).map(([partition, { taken, newest, settled }]) => [
      partition,
      { taken: new Set(taken), newest, ...(settled === undefined ? {} : { settled }) },
    ]),
  );

  function stateOf(partition: string): State {
    let state = states.get(partition);
    if (state === undefined) {
      state = { taken: new Set(), newest: 0 };
      states.set(partition, state);
    }
    return state;
  }

  return {
    has: (partition, key) => states.get(partition)?.taken.has(hashOf(key)) === true,
    take(partition, { key, modifiedAt }) {
      const state = stateOf(partition);
      state.taken.add(hashOf(key));
      state.newest = Math.max(state.newest, modifiedAt);
    },
    unseen(partition, listing) {
      const state = states.get(partition);
      const { settled } = state ?? {};
      const left = state === undefined ? [...listing] : listing.filter(({ key }) => !state.taken.has(hashOf(key)));
      if (state === undefined || settled === undefined) return { objects: left, again: false };
      const older = left.filter((object) => object.modifiedAt <= settled.newest);
      const digest = digestOf(older.map((object) => hashOf(object.key)));
      if (older.length === settled.objects && digest === settled.digest) {
        return { objects: left.filter((object) => object.modifiedAt > settled.newest), again: false };
      }
      delete state.settled;
      return { objects: left, again: older.length > 0 };
    },
    settle(partition) {
      const state = stateOf(partition);
      const { settled = { objects: 0, digest: NO_DIGEST, newest: 0 } } = state;
      state.settled = {
        objects: settled.objects + state.taken.size,
        digest: digestOf(state.taken, settled.digest),
        newest: Math.max(settled.newest, state.newest),
      };
      state.taken = new Set();
    },
    isSettled: (partition) => states.get(partition)?.settled !== undefined,
    size: (partition) =>
      partition === undefined
        ? states.values().reduce((sum, state) => sum + state.taken.size, 0)
        : (states.get(partition)?.taken.size ?? 0),
    partitions: () => [...states.keys()],
    forget: (partition) => void states.delete(partition),
    snapshot: () =>
      Object.fromEntries(
        [...states].map(([partition, { taken, newest, settled }]) => [
          partition,
          { taken: [...taken], newest, ...(settled === undefined ? {} : { settled }) },
        ]),
      ),
  };
}

/** 64 bits of a key: among a million keys two alike have a chance of 3 in 10^8. */
function hashOf(key: string): string {
  return digestText('sha256', key, 'base64url').slice(0, 11);
}

/** XOR of hashes, so that order does not matter and sums can be added. */
function digestOf(hashes: Iterable<string>, start = NO_DIGEST): string {
  let digest = BigInt(`0x${start}`);
  for (const hash of hashes) digest ^= Buffer.from(hash, 'base64url').readBigUInt64BE();
  return digest.toString(16).padStart(16, '0');
}
