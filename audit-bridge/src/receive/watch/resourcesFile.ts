import type { FeedRef } from '../../model/observation.ts';
import { parseResourcesFile } from './resourcesFormat.ts';
import { createSourceWatcher, type WatchDeps, type Watcher } from './sourceWatcher.ts';
import { watchedFile } from './watchedFile.ts';
import type { WatchMemory } from './watchMemory.ts';

/** People write it; a thousand resources are half a megabyte. */
export const MAX_RESOURCES_FILE_BYTES = 4 * 1024 * 1024;

export interface ResourcesFileOptions extends WatchDeps {
  /** Unique name of this feed. */
  readonly name: string;
  /** Of the data plane's `resources_file`. */
  readonly path: string;
  readonly environment: string;
  /** Where only one data plane reads the file. */
  readonly dataPlane?: string;
  readonly memory: WatchMemory;
  readonly feedType?: FeedRef['type'];
  readonly pollMillis?: number;
  readonly silentAfterMillis?: number;
  /** Bound for tests; default `MAX_RESOURCES_FILE_BYTES`. */
  readonly maxBytes?: number;
}

const DEFAULT_POLL_MILLIS = 500;
const DEFAULT_SILENT_AFTER_MILLIS = 30_000;
/** Editors write in place, and half a YAML file can look like one of which resources were deleted. */
export const SETTLE_MILLIS = 300;

/**
 * Watches a gateway's `resources.yaml`: what is wanted. When the gateway took it over is told by its status only. A
 * renamed resource is another one there: ids are made of names.
 */
export function createResourcesFileWatcher(options: ResourcesFileOptions): Watcher {
  const { path, clock, maxBytes = MAX_RESOURCES_FILE_BYTES } = options;
  const file = watchedFile({
    path,
    maxBytes,
    word: 'resources_file',
    now: () => clock.now(),
    settleMillis: SETTLE_MILLIS,
  });
  return createSourceWatcher({
    ...options,
    feed: { type: options.feedType ?? 'resources_file', name: options.name },
    source: {
      place: path,
      async read() {
        const found = await file.read();
        if (found === undefined) return undefined;
        const entries = parseResourcesFile(found.bytes);
        file.accepted();
        return { entries, writtenAt: found.writtenAt };
      },
      listen: file.listen,
    },
    pollMillis: options.pollMillis ?? DEFAULT_POLL_MILLIS,
    silentAfterMillis: options.silentAfterMillis ?? DEFAULT_SILENT_AFTER_MILLIS,
  });
}
