import {
  type BucketFollower,
  createBucketFollower,
  type FollowerHealth,
  fileFollowerState,
  type ReceiverDeps,
} from '@aisix-observability/collector-exporter';
import type { Config } from '../config/config.ts';

/** How one followed bucket does. */
export interface FollowerStatus extends FollowerHealth {
  readonly name: string;
  readonly bucket: string;
}

/** All followed buckets. */
export interface Followers {
  start(): void;
  status(): readonly FollowerStatus[];
  /** Ends after what is in flight is durable. */
  close(): Promise<void>;
}

/**
 * Follows the configured buckets; their places are kept in the data directory.
 *
 * @throws StateFileError when a place was written by a newer version.
 */
export function createFollowers(config: Config, deps: ReceiverDeps): Followers {
  const followers = config.inputs.followBuckets.map(
    ({ name, sinceMillis, ...settings }): { name: string; bucket: string; follower: BucketFollower } => ({
      name,
      bucket: settings.bucket,
      follower: createBucketFollower({
        ...settings,
        ...deps,
        ...(sinceMillis === undefined ? {} : { since: deps.now() - sinceMillis }),
        state: fileFollowerState(config.dataDir, name),
      }),
    }),
  );
  return {
    start() {
      for (const { follower } of followers) follower.start();
    },
    status: () => followers.map(({ name, bucket, follower }) => ({ name, bucket, ...follower.health() })),
    async close() {
      await Promise.all(followers.map(({ follower }) => follower.close()));
    },
  };
}
