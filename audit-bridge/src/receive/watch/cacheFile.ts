import type { FeedRef } from '../../model/observation.ts';
import { parseCacheFile } from './cacheFormat.ts';
import type { Source } from './source.ts';
import { createSourceWatcher, type WatchDeps, type Watcher } from './sourceWatcher.ts';
import { watchedFile } from './watchedFile.ts';
import type { WatchMemory } from './watchMemory.ts';

/** A thousand resources are some 2 MiB in the file. */
export const MAX_CACHE_FILE_BYTES = 64 * 1024 * 1024;

export interface CacheFileOptions extends WatchDeps {
  /** Unique name of this feed. */
  readonly name: string;
  /** Of the data plane's `managed.snapshot_cache_path`. */
  readonly path: string;
  readonly environment: string;
  readonly dataPlane: string;
  readonly memory: WatchMemory;
  /** `config_cache`, or `agent` where it is the agent that watches. */
  readonly feedType?: FeedRef['type'];
  readonly pollMillis?: number;
  readonly silentAfterMillis?: number;
  /** Bound for tests; default `MAX_CACHE_FILE_BYTES`. */
  readonly maxBytes?: number;
}

/** Where the system does not tell of changes (network file systems), they are seen within this. */
export const DEFAULT_POLL_MILLIS = 500;
/** A data plane that restarts writes its file within seconds. */
export const DEFAULT_SILENT_AFTER_MILLIS = 30_000;

/**
 * Watches the `config_cache.json` that a managed data plane writes after every applied change: what was wanted, and
 * what is in force.
 */
export function createCacheFileWatcher(options: CacheFileOptions): Watcher {
  return createSourceWatcher({
    ...options,
    feed: { type: options.feedType ?? 'config_cache', name: options.name },
    source: cacheFileSource(options),
    pollMillis: options.pollMillis ?? DEFAULT_POLL_MILLIS,
    silentAfterMillis: options.silentAfterMillis ?? DEFAULT_SILENT_AFTER_MILLIS,
  });
}

function cacheFileSource({ path, maxBytes = MAX_CACHE_FILE_BYTES, clock }: CacheFileOptions): Source {
  const file = watchedFile({ path, maxBytes, word: 'cache_file', now: () => clock.now() });
  return {
    place: path,
    async read() {
      const found = await file.read();
      if (found === undefined) return undefined;
      const content = parseCacheFile(found.bytes);
      file.accepted();
      return { ...content, writtenAt: found.writtenAt };
    },
    listen: file.listen,
  };
}
