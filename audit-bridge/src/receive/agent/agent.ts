import { join } from 'node:path';
import { type Clock, type Log, openStreamFile, type Recorder } from '@aisix-observability/pipeline';
import type { Observe } from '../../model/observation.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { createCacheFileWatcher } from '../watch/cacheFile.ts';
import { createResourcesFileWatcher } from '../watch/resourcesFile.ts';
import type { Watcher } from '../watch/sourceWatcher.ts';
import { createStatusWatcher, fileStatusMemory } from '../watch/status.ts';
import type { WatcherHealth } from '../watch/watcherHealth.ts';
import { fileWatchMemory } from '../watch/watchMemory.ts';
import { fetchPost } from './agentPost.ts';
import { type AgentSenderHealth, createAgentSender } from './agentSender.ts';
import { createAgentSpool } from './agentSpool.ts';

export interface AgentOptions {
  /** Must exist; spool and memories lie there. */
  readonly dataDir: string;
  readonly dataPlane: string;
  readonly environment: string;
  /** The server's agent route, `https://…/audit/agent`. */
  readonly url: string;
  /** `whsec_…`, of this data plane only. */
  readonly secret: string;
  readonly watch: {
    /** Path of the data plane's `config_cache.json`. */
    readonly cacheFile?: string;
    /** Path of its `resources.yaml`. */
    readonly resourcesFile?: string;
    /** URL of its `/status/config`. */
    readonly statusUrl?: string;
  };
  /** Under the key that server and agents share. */
  readonly redactor: Redactor;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Recorder;
  readonly spoolBytes?: number;
  readonly heartbeatMillis?: number;
  readonly pollMillis?: number;
}

export interface Agent {
  start(): void;
  /** Looks once with every watcher, and sends what waits. */
  lookAndSend(): Promise<void>;
  health(): { readonly sender: AgentSenderHealth; readonly feeds: Readonly<Record<string, WatcherHealth>> };
  /** What was not sent stays in the spool. */
  close(): Promise<void>;
}

/**
 * The watchers beside a data plane: redacts there, keeps what it finds on disk, and posts it to the server. However
 * long the server is away, nothing is lost: while the spool is full the watchers wait, and find the rest later as
 * fewer, larger changes, with a gap that says so.
 *
 * @throws StreamFileError and StateFileError when the data directory cannot be used.
 */
export function createAgent(options: AgentOptions): Agent {
  const { dataDir, recorder } = options;
  const file = openStreamFile(join(dataDir, 'spool.db'), { log: options.log, recorder });
  const spool = createAgentSpool(file, recorder, options.spoolBytes);
  const sender = createAgentSender({ ...options, spool, post: fetchPost(options.fetch, options.url) });
  const watchers = watchersOf({ ...options, observe: spool.observe });

  return {
    start() {
      for (const watcher of watchers.values()) watcher.start();
      sender.start();
    },
    async lookAndSend() {
      await Promise.all([...watchers.values()].map((watcher) => watcher.look()));
      await sender.flush();
    },
    health: () => ({
      sender: sender.health(),
      feeds: Object.fromEntries([...watchers].map(([name, watcher]) => [name, watcher.health()])),
    }),
    async close() {
      await Promise.all([...watchers.values()].map((watcher) => watcher.close()));
      await sender.close();
      await file.close();
    },
  };
}

function watchersOf(options: AgentOptions & { readonly observe: Observe }): ReadonlyMap<string, Watcher> {
  const { dataDir, watch, environment, dataPlane } = options;
  const common = { ...options, feedType: 'agent' } as const;
  const watchers = new Map<string, Watcher>();
  if (watch.cacheFile !== undefined) {
    const memory = fileWatchMemory(dataDir, 'cache');
    watchers.set('cache', createCacheFileWatcher({ ...common, name: 'cache', path: watch.cacheFile, memory }));
  }
  if (watch.resourcesFile !== undefined) {
    const memory = fileWatchMemory(dataDir, 'resources');
    watchers.set(
      'resources',
      createResourcesFileWatcher({ ...common, name: 'resources', path: watch.resourcesFile, memory }),
    );
  }
  if (watch.statusUrl !== undefined) {
    const memory = fileStatusMemory(dataDir, 'status');
    watchers.set(
      'status',
      createStatusWatcher({ ...common, name: 'status', url: watch.statusUrl, environment, dataPlane, memory }),
    );
  }
  return watchers;
}
