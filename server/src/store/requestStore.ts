import {
  type EvidenceStore,
  StoreQueryError,
  type StoreQueryErrorCode,
  type StoreStats,
  StoreUnavailableError,
} from '@aisix-observability/evidence';
import type { Log } from '@aisix-observability/pipeline';
import type { RequestReader } from '../api/context.ts';
import type { Config } from '../config/config.ts';
import type { PlainError } from '../thread/messages.ts';
import { startThread } from '../thread/thread.ts';
import type { FromStore, StoreCalls, StoreWorkerData, ToStore } from './messages.ts';

export interface RequestStoreOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly log: Log;
  /** The thread ended although nobody closed it. */
  readonly onStopped: (cause: Error) => void;
}

/** What the rest of the server asks of the store; it is written by nobody but the thread's own loader. */
export type StoreReader = RequestReader & Pick<EvidenceStore, 'read' | 'setNames' | 'window'>;

/** Handle of the thread that keeps requests and answers questions about them. */
export interface RequestStore extends StoreReader {
  /** There are requests up to this position. */
  wake(seq: number): void;
  /** Called with the last request that shows in answers, whenever it moves. @returns ends it. */
  onApplied(listener: (seq: number) => void): () => void;
  stats(): Promise<StoreStats>;
  /** Prometheus text of the thread's own meters. */
  metricsText(): Promise<string>;
  /** Loads what is in the stream, then stops. */
  close(): Promise<void>;
}

/**
 * Starts the thread of the store. The engine's work and the JSON that it builds stay away from the threads that
 * acknowledge and deliver; what comes over is text, passed on as it is.
 *
 * @throws what opening the store threw in the thread, by message and code.
 */
export async function startRequestStore(options: RequestStoreOptions): Promise<RequestStore> {
  const data: StoreWorkerData = { dataDir: options.dataDir, config: options.config };
  const listeners = new Set<(seq: number) => void>();
  let position = 0;
  const thread = await startThread<StoreCalls, ToStore, FromStore>({
    module: new URL('./worker.ts', import.meta.url),
    name: 'request-store',
    data,
    log: options.log,
    onNotice({ seq }) {
      position = seq;
      for (const listener of listeners) listener(seq);
    },
    onStopped: options.onStopped,
    toError,
  });
  const question =
    <Name extends 'search' | 'get' | 'volume' | 'metrics' | 'values' | 'changed' | 'window'>(name: Name) =>
    (query: StoreCalls[Name]['input'], signal?: AbortSignal) =>
      thread.call(name, query, signal);
  return {
    search: question('search'),
    get: question('get'),
    volume: question('volume'),
    metrics: question('metrics'),
    values: question('values'),
    changed: question('changed'),
    window: question('window'),
    read: (range) => thread.call('read', range),
    async setNames(names) {
      await thread.call('setNames', names);
    },
    position: () => position,
    wake: (seq) => thread.notify({ type: 'wake', seq }),
    onApplied(listener) {
      listeners.add(listener);
      if (position > 0) listener(position);
      return () => listeners.delete(listener);
    },
    stats: () => thread.call('stats', null),
    metricsText: () => thread.call('metricsText', null),
    async close() {
      thread.expectEnd();
      await thread.call('close', null);
      await thread.end();
    },
  };
}

/** The errors that callers tell apart, made again from what crossed. */
function toError({ name, message, code, field }: PlainError): Error {
  if (name === 'StoreQueryError' && code !== undefined)
    return new StoreQueryError(code as StoreQueryErrorCode, message, field);
  if (code === 'store_unavailable') return new StoreUnavailableError(message);
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
}
