import type { Log } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import type { TelemetryPath } from '../ingest/pathContract.ts';
import { startThread } from '../thread/thread.ts';
import type { FromPath, PathCalls, PathWorkerData, ToPath } from './messages.ts';

export interface TelemetryPathOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly log: Log;
  /** Where a stream of requests that is made now begins: the store knows positions up to here. */
  readonly requestsAfter?: number | undefined;
  /** The worker ended although nobody closed it: the server must not go on accepting what nobody delivers. */
  readonly onStopped?: (cause: Error) => void;
}

/**
 * Starts the thread that assembles deliveries to requests and sends them to destinations. A thread of its own keeps
 * acknowledgements fast while spans are built and serialised; the streams on disk are all that the two share.
 *
 * @throws what opening the streams or a destination threw in the worker, by message and code.
 */
export async function startTelemetryPath(options: TelemetryPathOptions): Promise<TelemetryPath> {
  const data: PathWorkerData = {
    dataDir: options.dataDir,
    config: options.config,
    requestsAfter: options.requestsAfter,
  };
  let last: FromPath | undefined;
  let onAssembled: (progress: FromPath) => void = () => {};
  const thread = await startThread<PathCalls, ToPath, FromPath>({
    module: new URL('./worker.ts', import.meta.url),
    name: 'telemetry-path',
    data,
    log: options.log,
    onNotice(notice) {
      last = notice;
      onAssembled(notice);
    },
    ...(options.onStopped !== undefined && { onStopped: options.onStopped }),
  });

  return {
    wake: () => thread.notify({ type: 'wake' }),
    stored: (seq) => thread.notify({ type: 'stored', seq }),
    status: () => thread.call('status', null),
    metricsText: () => thread.call('metrics', null),
    resend: (destination, { from, to }) => thread.call('resend', { destination, from, to }),
    refills: {
      plan: (job) => thread.call('refillPlan', job),
      page: (job, page) => thread.call('refillPage', { job, ...page }),
      async end(job, { heldFrom }) {
        await thread.call('refillEnd', { job, heldFrom });
      },
      pending: () => thread.call('refillsPending', null),
    },
    onAssembled(callback) {
      onAssembled = callback;
      if (last !== undefined) callback(last);
    },
    async close(deadlineMillis) {
      thread.expectEnd();
      await thread.call('close', { deadlineMillis });
      await thread.end();
    },
  };
}
