import { Worker } from 'node:worker_threads';
import type { Log } from '@aisix-observability/pipeline';
import type { CallTable, FromThread, PlainError, ToThread } from './messages.ts';

export interface ThreadOptions<Received> {
  /** Module that the thread runs; it calls `serveThread`. */
  readonly module: URL;
  readonly name: string;
  /** Plain data for the thread's start. */
  readonly data: unknown;
  readonly log: Log;
  /** What the thread tells without being asked. */
  onNotice(notice: Received): void;
  /** The thread ended although nobody closed it. */
  onStopped?(cause: Error): void;
  /** Makes an error of the callers' own kind out of what crossed. */
  toError?(error: PlainError): Error;
}

/** A thread that answers calls. */
export interface Thread<Calls extends CallTable, Sent> {
  /** @throws what the thread threw, by name, message and code; the signal's reason when it was aborted. */
  call<Name extends keyof Calls & string>(
    name: Name,
    input: Calls[Name]['input'],
    signal?: AbortSignal,
  ): Promise<Calls[Name]['output']>;
  notify(notice: Sent): void;
  /** Ends it without asking; its end is no accident from then on. */
  end(): Promise<void>;
  /** From now on its end is no accident, whatever it does. */
  expectEnd(): void;
}

/** The thread does not run (any more), so a call cannot be answered. */
export class ThreadStoppedError extends Error {
  readonly code: string;

  constructor(name: string) {
    super(`the thread ${name} is not running`);
    this.code = `${name.replaceAll('-', '_')}_stopped`;
  }
}

interface Pending {
  resolve(output: unknown): void;
  reject(cause: unknown): void;
}

/**
 * Starts a thread and waits until it is ready.
 *
 * @throws what the thread threw while it started.
 */
export async function startThread<Calls extends CallTable, Sent = never, Received = never>(
  options: ThreadOptions<Received>,
): Promise<Thread<Calls, Sent>> {
  const { log, name } = options;
  const worker = new Worker(options.module, { workerData: options.data, name });
  const pending = new Map<number, Pending>();
  let calls = 0;
  let ending = false;
  const post = (message: ToThread<Sent>): void => worker.postMessage(message);
  const failAll = (cause: Error): void => {
    for (const { reject } of pending.values()) reject(cause);
    pending.clear();
  };

  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (message: FromThread<Received>) => {
      switch (message.type) {
        case 'ready':
          worker.off('error', reject);
          resolve();
          break;
        case 'notice':
          options.onNotice(message.notice);
          break;
        case 'log':
          log(message.level, message.message, message.fields);
          break;
        case 'answer':
          pending.get(message.id)?.resolve(message.output);
          break;
        case 'failed':
          pending.get(message.id)?.reject((options.toError ?? plainToError)(message.error));
          break;
      }
    });
  });
  const stopped = (cause: Error): void => {
    failAll(cause);
    // Told once: it ends after its error, and by then another one may have taken its place.
    if (!ending) options.onStopped?.(cause);
    ending = true;
  };
  worker.on('error', (cause) => {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    log('error', 'a thread stopped', { thread: name, cause: error.message });
    stopped(error);
  });
  let running = true;
  worker.on('exit', () => {
    running = false;
    stopped(new ThreadStoppedError(name));
  });

  return {
    async call(callName, input, signal) {
      signal?.throwIfAborted();
      if (!running) throw new ThreadStoppedError(name);
      const id = ++calls;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      pending.set(id, { resolve, reject });
      const abort = (): void => {
        post({ type: 'abort', id });
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        post({ type: 'call', id, name: callName, input });
        return await promise;
      } finally {
        pending.delete(id);
        signal?.removeEventListener('abort', abort);
      }
    },
    notify: (notice) => post({ type: 'notice', notice }),
    expectEnd() {
      ending = true;
    },
    async end() {
      ending = true;
      await worker.terminate();
    },
  };
}

function plainToError({ name, message, code, field }: PlainError): Error {
  return Object.assign(new Error(message), {
    name,
    ...(code !== undefined && { code }),
    ...(field !== undefined && { field }),
  });
}
