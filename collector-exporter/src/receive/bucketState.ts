import { join } from 'node:path';
import { type StateFile, stateFile } from '@aisix-observability/pipeline';
import type { PartitionMemory } from './bucketMemory.ts';

/** An object that was given up. */
export interface SetAsideObject {
  readonly key: string;
  /** Stable code of the fault. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** All that a follower must know after a restart. */
export interface FollowerSnapshot {
  readonly version: 1;
  /** Endpoint, bucket and prefix; of another place nothing here is true. */
  readonly place: string;
  /** Start of the oldest hour that may still hold objects that were not taken. */
  readonly openFrom: number;
  /** Objects modified before this existed before anybody asked for them; absent when following from a given time. */
  readonly notBefore?: number;
  readonly partitions: Readonly<Record<string, PartitionMemory>>;
  /** The latest ones, oldest first. */
  readonly setAside: readonly SetAsideObject[];
  readonly setAsideCount: number;
}

/** Where a follower keeps its snapshot. */
export type FollowerState = StateFile<FollowerSnapshot>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/**
 * Keeps the snapshot in `<dataDir>/followers/<name>.json`, readable by the owner only.
 *
 * @throws RangeError when the name cannot be a file name.
 */
export function fileFollowerState(dataDir: string, name: string): FollowerState {
  if (!NAME.test(name)) {
    throw new RangeError('the name of a follower must be 1 to 100 letters, digits, dots, dashes or underscores');
  }
  return stateFile(join(dataDir, 'followers', `${name}.json`), (found) => (isSnapshot(found) ? found : undefined));
}

function isSnapshot(value: unknown): value is FollowerSnapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { version, place, openFrom, notBefore, partitions, setAside, setAsideCount } =
    value as Partial<FollowerSnapshot>;
  return (
    version === 1 &&
    typeof place === 'string' &&
    Number.isFinite(openFrom) &&
    (notBefore === undefined || Number.isFinite(notBefore)) &&
    typeof partitions === 'object' &&
    partitions !== null &&
    Object.values(partitions).every(isPartition) &&
    Array.isArray(setAside) &&
    Number.isFinite(setAsideCount)
  );
}

function isPartition(value: unknown): value is PartitionMemory {
  if (typeof value !== 'object' || value === null) return false;
  const { taken, newest, settled } = value as Partial<PartitionMemory>;
  return (
    Array.isArray(taken) &&
    taken.every((hash) => typeof hash === 'string') &&
    Number.isFinite(newest) &&
    (settled === undefined ||
      (Number.isFinite(settled.objects) && Number.isFinite(settled.newest) && /^[0-9a-f]{16}$/.test(settled.digest)))
  );
}
