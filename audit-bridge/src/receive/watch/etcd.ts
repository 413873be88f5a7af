import type { FeedRef } from '../../model/observation.ts';
import { createEtcdClient, type EtcdClient, type EtcdConnection, type EtcdValue, MAX_KEYS } from './etcdClient.ts';
import { documentOf } from './etcdEntry.ts';
import type { Source, SourceRead } from './source.ts';
import { SourceError } from './sourceFault.ts';
import { createSourceWatcher, type WatchDeps, type Watcher } from './sourceWatcher.ts';
import type { WatchMemory } from './watchMemory.ts';

export interface EtcdWatcherOptions extends WatchDeps, EtcdConnection {
  /** Unique name of this feed. */
  readonly name: string;
  /** Of one environment, `/aisix/<env>/`: below it stand `<kind>/<id>`. */
  readonly prefix: string;
  readonly environment: string;
  readonly memory: WatchMemory;
  readonly pollMillis?: number;
  readonly silentAfterMillis?: number;
  /** For tests. */
  readonly client?: EtcdClient;
}

/** One small request each, unless something changed. */
const DEFAULT_POLL_MILLIS = 1_000;
const DEFAULT_SILENT_AFTER_MILLIS = 30_000;
const RETRY = { firstMillis: 1_000, maxMillis: 30_000 };

/**
 * Watches a prefix of etcd through its HTTP gateway: what is wanted in one environment. Polled, so that no connection
 * has to stay open; several changes of one resource between two polls are seen as one.
 */
export function createEtcdWatcher(options: EtcdWatcherOptions): Watcher {
  const client = options.client ?? createEtcdClient(options);
  const watcher = createSourceWatcher({
    ...options,
    feed: { type: 'etcd', name: options.name } satisfies FeedRef,
    source: etcdSource(client, options),
    retry: RETRY,
    pollMillis: options.pollMillis ?? DEFAULT_POLL_MILLIS,
    silentAfterMillis: options.silentAfterMillis ?? DEFAULT_SILENT_AFTER_MILLIS,
  });
  return {
    ...watcher,
    async close() {
      await watcher.close();
      client.close();
    },
  };
}

function etcdSource(client: EtcdClient, { url, prefix }: EtcdWatcherOptions): Source {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  /** Of the store as a whole, at the last complete reading. */
  let lastRevision: number | undefined;

  async function readAll(signal: AbortSignal): Promise<SourceRead & { readonly revision: number }> {
    const values: EtcdValue[] = [];
    let revision: number | undefined;
    let after: Buffer | undefined;
    for (;;) {
      // All pages are of the revision of the first, so that no change falls between two.
      const page = await client.range({ prefix: base, after, revision, signal });
      revision ??= page.revision;
      values.push(...page.values);
      if (values.length > MAX_KEYS) {
        throw new SourceError('etcd_too_many_keys', `found more than ${MAX_KEYS} keys below the prefix`);
      }
      after = page.values.at(-1)?.key;
      if (!page.more || after === undefined) break;
    }
    return { revision, entries: values.flatMap((value) => entryOf(value, base)) };
  }

  return {
    place: `${new URL(url).host}${base}`,
    async read(signal) {
      const now = await client.revision(base, signal);
      // A store that was restored from a backup counts on from an earlier revision.
      if (now === lastRevision) return undefined;
      const { revision, ...read } = await readAll(signal);
      lastRevision = revision;
      return read;
    },
  };
}

/** None for keys that name no resource. */
function entryOf({ key, value, revision }: EtcdValue, base: string) {
  const [kind, id, ...rest] = key.toString('utf8').slice(base.length).split('/');
  if (!kind || !id || rest.length > 0) return [];
  return [{ kind, id, document: documentOf(value), revision }];
}
