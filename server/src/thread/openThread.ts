import { parentPort, workerData } from 'node:worker_threads';
import type { Log } from '@aisix-observability/pipeline';
import type { CallTable, FromThread, PlainError, ToThread } from './messages.ts';

/** How each call is answered. The signal is aborted when the caller does not wait any more. */
export type Answers<Calls extends CallTable> = {
  readonly [Name in keyof Calls]: (
    input: Calls[Name]['input'],
    signal: AbortSignal,
  ) => Promise<Calls[Name]['output']> | Calls[Name]['output'];
};

/** The thread's side of `startThread`. */
export interface OpenThread<Data, Calls extends CallTable, Received, Sent> {
  /** What it was started with. */
  readonly data: Data;
  readonly log: Log;
  notify(notice: Sent): void;
  /** Says that the thread is ready, and answers from now on. An error reaches the caller by name, message and code. */
  serve(answers: Answers<Calls>, onNotice?: (notice: Received) => void): void;
}

/** @throws Error outside of a thread. */
export function openThread<Data, Calls extends CallTable, Received = never, Sent = never>(): OpenThread<
  Data,
  Calls,
  Received,
  Sent
> {
  const port = parentPort;
  if (port === null) throw new Error('this module is started as a thread, by startThread');
  const post = (message: FromThread<Sent>): void => port.postMessage(message);
  return {
    data: workerData as Data,
    log: (level, message, fields) =>
      post({ type: 'log', level, message, ...(fields !== undefined && { fields: plain(fields) }) }),
    notify: (notice) => post({ type: 'notice', notice }),
    serve(answers, onNotice) {
      const aborts = new Map<number, AbortController>();
      port.on('message', async (message: ToThread<Received>) => {
        if (message.type === 'notice') {
          onNotice?.(message.notice);
          return;
        }
        if (message.type === 'abort') {
          aborts.get(message.id)?.abort();
          return;
        }
        const { id } = message;
        const abort = new AbortController();
        aborts.set(id, abort);
        try {
          const answer = answers[message.name as keyof Calls];
          post({ type: 'answer', id, output: await answer(message.input, abort.signal) });
        } catch (cause) {
          post({ type: 'failed', id, error: plainError(cause) });
        } finally {
          aborts.delete(id);
        }
      });
      post({ type: 'ready' });
    },
  };
}

function plainError(cause: unknown): PlainError {
  const { name, message, code, field } = (cause instanceof Error ? cause : new Error(String(cause))) as Error & {
    code?: unknown;
    field?: unknown;
  };
  return {
    name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof field === 'string' && { field }),
  };
}

/** Errors do not survive the way between threads as field values. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
