import { METRIC_BOUNDARIES, METRIC_HELP } from '../telemetry/metricHelp.ts';
import { createMetrics } from '../telemetry/recorder.ts';
import { openThread } from '../thread/openThread.ts';
import type { FromPath, PathCalls, PathWorkerData, ToPath } from './messages.ts';
import { openPath } from './path.ts';
import { yieldToReceivers } from './priority.ts';

// The thread's own entry: everything that it does is in path.ts, here are only the messages.

const thread = openThread<PathWorkerData, PathCalls, ToPath, FromPath>();
const { dataDir, config, requestsAfter } = thread.data;
yieldToReceivers();
const metrics = createMetrics({
  thread: 'path',
  boundaries: METRIC_BOUNDARIES,
  help: METRIC_HELP,
  telemetry: config.telemetry,
});
const path = openPath({
  dataDir,
  config,
  requestsAfter,
  recorder: metrics.recorder,
  log: thread.log,
  now: Date.now,
  onAssembled: (progress) => thread.notify({ type: 'assembled', ...progress }),
  // Ends the thread; who started it hears of it as of any other accident.
  onFailed: (cause) =>
    setImmediate(() => {
      throw cause;
    }),
});

thread.serve(
  {
    status: () => path.status(),
    metrics() {
      path.refreshGauges();
      return metrics.metricsText();
    },
    resend: ({ destination, from, to }) => path.resend(destination, { from, to }),
    refillPlan: (job) => path.refills.plan(job),
    refillPage: ({ job, ...page }) => path.refills.page(job, page),
    refillEnd({ job, heldFrom }) {
      path.refills.end(job, { heldFrom });
      return null;
    },
    refillsPending: () => path.refills.pending(),
    async close({ deadlineMillis }) {
      await path.close(deadlineMillis);
      await metrics.close().catch(() => {});
      return null;
    },
  },
  (notice) => {
    if (notice.type === 'wake') path.wake();
    else path.stored(notice.seq);
  },
);
