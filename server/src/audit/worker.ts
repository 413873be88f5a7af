import { METRIC_BOUNDARIES, METRIC_HELP } from '../telemetry/metricHelp.ts';
import { createMetrics } from '../telemetry/recorder.ts';
import { openThread } from '../thread/openThread.ts';
import { openAuditBridge } from './bridge.ts';
import type { AuditCalls, AuditWorkerData, FromAudit } from './messages.ts';

// The thread's own entry: everything that it does is in bridge.ts, here are only the messages.

const thread = openThread<AuditWorkerData, AuditCalls, never, FromAudit>();
const { dataDir, config } = thread.data;
const metrics = createMetrics({
  thread: 'audit',
  boundaries: METRIC_BOUNDARIES,
  help: METRIC_HELP,
  telemetry: config.telemetry,
});
const bridge = await openAuditBridge({
  dataDir,
  config,
  log: thread.log,
  recorder: metrics.recorder,
  onNames: (names) => thread.notify({ type: 'names', names }),
});

thread.serve({
  observe: (observations) => bridge.observe(observations),
  search: (query) => bridge.search(query),
  get: (id) => bridge.get(id),
  setVerdict: ({ id, verdict }) => bridge.setVerdict(id, verdict),
  gaps: (query) => bridge.gaps(query),
  catalogue: (query) => bridge.catalogue(query),
  configVersions: (query) => bridge.configVersions(query),
  setComputed: ({ id, computed }) => bridge.setComputed(id, computed),
  markers: (query) => bridge.markers(query),
  status: () => bridge.status(),
  test: ({ deadlineMillis }) => bridge.test(deadlineMillis),
  metricsText() {
    bridge.refreshGauges();
    return metrics.metricsText();
  },
  async close({ deadlineMillis }) {
    await bridge.close(deadlineMillis);
    await metrics.close().catch(() => {});
    return null;
  },
});
