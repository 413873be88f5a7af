import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from '@aisix-observability/pipeline';
import { METRIC_BOUNDARIES, METRIC_HELP } from '../telemetry/metricHelp.ts';
import { createMetrics } from '../telemetry/recorder.ts';
import type { FromPath, PathWorkerData, ToPath } from './messages.ts';
import { openPath } from './path.ts';
import { yieldToReceivers } from './priority.ts';

// The thread's own entry: everything that it does is in path.ts, here are only the messages.

const port = parentPort;
if (port === null) throw new Error('this file is started by telemetryPath.ts as a worker thread');
yieldToReceivers();
const { dataDir, config } = workerData as PathWorkerData;
const post = (message: FromPath): void => port.postMessage(message);
const log: Log = (level, message, fields) =>
  post({ type: 'log', level, message, ...(fields !== undefined && { fields: plain(fields) }) });
const metrics = createMetrics({
  thread: 'path',
  boundaries: METRIC_BOUNDARIES,
  help: METRIC_HELP,
  telemetry: config.telemetry,
});
const path = openPath({
  dataDir,
  config,
  recorder: metrics.recorder,
  log,
  now: Date.now,
  onAssembled: (seq) => post({ type: 'assembled', seq }),
  // Ends the thread; who started it hears of it as of any other accident.
  onFailed: (cause) =>
    setImmediate(() => {
      throw cause;
    }),
});

port.on('message', async (message: ToPath) => {
  if (message.type === 'wake') {
    path.wake();
    return;
  }
  const { id } = message;
  try {
    const output = await answer(message);
    post({ type: 'answer', id, output });
  } catch (cause) {
    const { message: text, code } = cause as Error & { code?: string };
    post({ type: 'failed', id, message: text, ...(code !== undefined && { code }) });
  }
});
post({ type: 'ready' });

async function answer(call: Extract<ToPath, { type: 'call' }>): Promise<unknown> {
  switch (call.name) {
    case 'status':
      return path.status();
    case 'metrics':
      path.refreshGauges();
      return metrics.metricsText();
    case 'resend':
      return path.resend(call.input.destination, call.input);
    case 'close':
      await path.close(call.input.deadlineMillis);
      await metrics.close().catch(() => {});
      return null;
  }
}

/** Errors do not survive the way between threads as field values. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
