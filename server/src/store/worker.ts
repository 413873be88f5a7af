import { join } from 'node:path';
import { createKeyedHash } from '@aisix-observability/evidence';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { openStreamFile } from '@aisix-observability/pipeline';
import { keyOf } from '../config/redactionKey.ts';
import { METRIC_BOUNDARIES, METRIC_HELP } from '../telemetry/metricHelp.ts';
import { createMetrics } from '../telemetry/recorder.ts';
import { openThread } from '../thread/openThread.ts';
import { type Loader, startLoader } from './loader.ts';
import type { FromStore, StoreCalls, StoreWorkerData, ToStore } from './messages.ts';
import { STORE_FOLDER, STORE_READERS } from './places.ts';
import { startRetention } from './retention.ts';

// The thread's own entry: opens the store and what feeds it, and answers questions.

const thread = openThread<StoreWorkerData, StoreCalls, ToStore, FromStore>();
const { dataDir, config } = thread.data;
const { log } = thread;
const metrics = createMetrics({
  thread: 'store',
  boundaries: METRIC_BOUNDARIES,
  help: METRIC_HELP,
  telemetry: config.telemetry,
});
const { recorder } = metrics;
const store = await openDuckDbStore({
  directory: join(dataDir, STORE_FOLDER),
  memoryLimitBytes: config.store.memoryBytes,
  readers: STORE_READERS,
  hash: createKeyedHash(keyOf(config)),
  log,
  onForgetful: (versions) => recorder.count('aisix_store_versions_forgetful', versions),
});
let feed: { readonly loader: Loader; close(): Promise<void> } | undefined;
/** The first word of the path says that the file is there: until then it may not have been made. */
const openFeed = () => {
  const file = openStreamFile(join(dataDir, 'requests.db'), { readOnly: true, log, recorder });
  const loader = startLoader({
    requests: file.stream('requests'),
    store,
    recorder,
    log,
    onApplied: (seq) => thread.notify({ type: 'applied', seq }),
  });
  return {
    loader,
    async close() {
      await loader.close();
      await file.close();
    },
  };
};
const stopRetention = startRetention({
  store,
  keepMillis: config.retention.requestsMillis,
  recorder,
  log,
  now: Date.now,
});
thread.notify({ type: 'applied', seq: store.position() });

thread.serve(
  {
    search: (query, signal) => store.search(query, signal),
    get: (query, signal) => store.get(query, signal),
    volume: (query, signal) => store.volume(query, signal),
    metrics: (query, signal) => store.metrics(query, signal),
    values: (query, signal) => store.values(query, signal),
    changed: (query, signal) => store.changed(query, signal),
    window: (query, signal) => store.window(query, signal),
    read: (range) => store.read(range),
    async setNames(names) {
      await store.setNames(names);
      return null;
    },
    stats: () => store.stats(),
    async metricsText() {
      const { requests, openRequests, bytes, oldest } = await store.stats();
      recorder.gauge('aisix_store_requests', requests);
      recorder.gauge('aisix_store_open_requests', openRequests);
      recorder.gauge('aisix_store_bytes', bytes);
      recorder.gauge('aisix_store_rows_behind', feed?.loader.behind() ?? 0);
      if (oldest !== undefined) recorder.gauge('aisix_store_oldest_seconds', oldest / 1_000);
      return metrics.metricsText();
    },
    async close() {
      await feed?.close();
      await stopRetention();
      await store.close();
      await metrics.close().catch(() => {});
      return null;
    },
  },
  ({ seq }) => {
    feed ??= openFeed();
    feed.loader.wake(seq);
  },
);
