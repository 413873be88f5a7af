import { readFileSync } from 'node:fs';
import {
  createAuditPoller,
  createCacheFileWatcher,
  createEtcdClient,
  createEtcdWatcher,
  createResourcesFileWatcher,
  createStatusWatcher,
  etcdMembers,
  filePollState,
  fileStatusMemory,
  fileWatchMemory,
  type WatchDeps,
} from '@aisix-observability/audit-bridge';
import type { AuditPollConfig, WatchConfig } from '../config/audit.ts';
import type { Config } from '../config/config.ts';
import { environmentOf } from './environmentOf.ts';
import type { FeedStatus } from './status.ts';

export interface FeedsOptions extends WatchDeps {
  readonly config: Config;
  readonly dataDir: string;
  readonly fetch: typeof fetch;
}

/** Watchers and pollers, which look by themselves. */
export interface Feeds {
  start(): void;
  status(): FeedStatus[];
  /** Ends when what was found is handed on. */
  close(): Promise<void>;
}

interface Feed {
  readonly name: string;
  readonly type: string;
  readonly environment?: string;
  start(): void;
  health(): Omit<FeedStatus, 'name' | 'type' | 'environment'>;
  close(): Promise<void>;
}

/** Opens every configured feed; one that cannot be opened is shown as failing and does not hold up the others. */
export function openFeeds(options: FeedsOptions): Feeds {
  const { watch = [], poll = [] } = options.config.audit ?? {};
  const feeds = [
    ...watch.map((settings) => opened(settings, settings.kind, options, () => watcherOf(settings, options))),
    ...poll.map((settings) => opened(settings, 'poll', options, () => pollerOf(settings, options))),
  ];
  return {
    start() {
      for (const feed of feeds) feed.start();
    },
    status: () =>
      feeds.map(({ name, type, environment, health }) => ({
        name,
        type,
        ...(environment === undefined ? {} : { environment }),
        ...health(),
      })),
    async close() {
      await Promise.all(feeds.map((feed) => feed.close()));
    },
  };
}

type Looking = Pick<Feed, 'start' | 'health' | 'close'>;

function opened(
  { name, environment }: { readonly name: string; readonly environment?: string },
  type: string,
  { log }: FeedsOptions,
  open: () => Looking,
): Feed {
  const place = { name, type, ...(environment === undefined ? {} : { environment }) };
  try {
    return { ...place, ...open() };
  } catch (error) {
    const code = codeOf(error);
    log('error', 'A feed of changes cannot be opened; the others go on.', { feed: name, code });
    const fault = { code, message: 'it could not be opened at the start of the server' };
    return { ...place, start() {}, health: () => ({ state: 'failing', fault }), close: async () => {} };
  }
}

/** Code or class of an error: its message may hold what a file held. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function watcherOf(settings: WatchConfig, options: FeedsOptions): Looking {
  const { dataDir } = options;
  const { intervalMillis } = settings;
  const common = { ...options, ...(intervalMillis === undefined ? {} : { pollMillis: intervalMillis }) };
  switch (settings.kind) {
    case 'config_cache':
      return createCacheFileWatcher({ ...common, ...settings, memory: fileWatchMemory(dataDir, settings.name) });
    case 'resources_file':
      return createResourcesFileWatcher({ ...common, ...settings, memory: fileWatchMemory(dataDir, settings.name) });
    case 'status':
      return createStatusWatcher({ ...common, ...settings, memory: fileStatusMemory(dataDir, settings.name) });
    case 'etcd': {
      const { endpoints, tls, ...rest } = settings;
      const pem = tls === undefined ? {} : { tls: pemOf(tls) };
      return createEtcdWatcher({
        ...common,
        ...rest,
        url: endpoints[0] ?? '',
        client: etcdMembers(endpoints.map((url) => createEtcdClient({ url, ...pem }))),
        memory: fileWatchMemory(dataDir, settings.name),
      });
    }
  }
}

type EtcdTls = NonNullable<Extract<WatchConfig, { kind: 'etcd' }>['tls']>;

function pemOf({ caFile, certFile, keyFile }: EtcdTls) {
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, 'utf8') }),
  };
}

function pollerOf({ sinceMillis, ...settings }: AuditPollConfig, options: FeedsOptions): Looking {
  const { clock, config, dataDir, log } = options;
  const now = () => clock.now();
  const poller = createAuditPoller({
    ...options,
    ...settings,
    ...(sinceMillis === undefined ? {} : { since: now() - sinceMillis }),
    environmentOf: environmentOf(config.environments),
    state: filePollState(dataDir, settings.name, log),
    now,
  });
  return {
    start: poller.start,
    close: poller.close,
    health() {
      const { state, fault, lastSuccessAt } = poller.health();
      return {
        state,
        ...(fault === undefined ? {} : { fault: { code: fault.code, message: fault.message } }),
        ...(lastSuccessAt === undefined ? {} : { heardAt: lastSuccessAt }),
      };
    },
  };
}
