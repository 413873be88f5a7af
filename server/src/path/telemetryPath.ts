import { Worker } from 'node:worker_threads';
import type { Log } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import type { TelemetryPath } from '../ingest/pathContract.ts';
import type { FromPath, PathCallName, PathCalls, PathWorkerData, ToPath } from './messages.ts';

/** A worker that stopped on its own is an accident: the server must not go on accepting what nobody delivers. */
export class TelemetryPathStoppedError extends Error {
  readonly code = 'telemetry_path_stopped';
}

export interface TelemetryPathOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly log: Log;
  /** The worker ended although nobody closed it. */
  readonly onStopped?: (cause: Error) => void;
}

interface Pending {
  resolve(output: unknown): void;
  reject(cause: Error): void;
}

/**
 * Starts the thread that assembles deliveries to requests and sends them to destinations. A thread of its own keeps
 * acknowledgements fast while spans are built and serialised; the streams on disk are all that the two share.
 *
 * @throws what opening the streams or a destination threw in the worker, by message and code.
 */
export async function startTelemetryPath(options: TelemetryPathOptions): Promise<TelemetryPath> {
  const { log } = options;
  const workerData: PathWorkerData = { dataDir: options.dataDir, config: options.config };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, name: 'telemetry-path' });
  const pending = new Map<number, Pending>();
  let calls = 0;
  let closing = false;
  let onAssembled: (seq: number) => void = () => {};
  let assembled = 0;

  const post = (message: ToPath): void => worker.postMessage(message);
  const call = <Name extends PathCallName>(
    name: Name,
    input: PathCalls[Name]['input'],
  ): Promise<PathCalls[Name]['output']> =>
    new Promise((resolve, reject) => {
      const id = ++calls;
      pending.set(id, { resolve: resolve as (output: unknown) => void, reject });
      post({ type: 'call', id, name, input } as ToPath);
    });
  const failAll = (cause: Error): void => {
    for (const { reject } of pending.values()) reject(cause);
    pending.clear();
  };

  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (message: FromPath) => {
      switch (message.type) {
        case 'ready':
          worker.off('error', reject);
          resolve();
          break;
        case 'assembled':
          assembled = message.seq;
          onAssembled(message.seq);
          break;
        case 'log':
          log(message.level, message.message, message.fields);
          break;
        case 'answer':
          pending.get(message.id)?.resolve(message.output);
          pending.delete(message.id);
          break;
        case 'failed':
          pending.get(message.id)?.reject(Object.assign(new Error(message.message), { code: message.code }));
          pending.delete(message.id);
          break;
      }
    });
  });
  worker.on('error', (cause) => {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    log('error', 'the telemetry path stopped', { cause: error.message });
    failAll(error);
    if (!closing) options.onStopped?.(error);
  });
  worker.on('exit', () => {
    const cause = new TelemetryPathStoppedError('the telemetry path is not running');
    failAll(cause);
    if (!closing) options.onStopped?.(cause);
  });

  return {
    wake: () => post({ type: 'wake' }),
    status: () => call('status', null),
    metricsText: () => call('metrics', null),
    resend: (destination, { from, to }) => call('resend', { destination, from, to }),
    onAssembled(callback) {
      onAssembled = callback;
      if (assembled > 0) callback(assembled);
    },
    async close(deadlineMillis) {
      closing = true;
      await call('close', { deadlineMillis });
      await worker.terminate();
    },
  };
}
