import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type SinkReply, type SinkStats, startOtlpSink } from './otlpSink.ts';
import { createSpanLedger } from './spanLedger.ts';

/** A sink in a process of its own, so that it neither shares the event loop nor dies with what is tested. */
export interface OtlpSinkProcess {
  readonly url: string;
  readonly port: number;
  /** Answers this from the next request on. */
  answer(reply: SinkReply): Promise<void>;
  stats(): Promise<SinkStats>;
  /** With `keepSpans`: `[<trace id>:<span id>, times, different contents]` of every span accepted as http/json. */
  spans(): Promise<readonly (readonly [string, number, number])[]>;
  stop(): Promise<void>;
}

export interface SinkProcessOptions {
  readonly port?: number;
  readonly answer?: SinkReply;
  readonly keepSpans?: boolean;
}

type Call = { readonly id: number } & (
  | { readonly ask: 'answer'; readonly reply: SinkReply }
  | { readonly ask: 'stats' }
  | { readonly ask: 'spans' }
);
type Reply = { readonly id: number; readonly value: unknown };

export async function startOtlpSinkProcess(options: SinkProcessOptions = {}): Promise<OtlpSinkProcess> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = (await Promise.race([once(child, 'message'), failed(child)])) as [{ port: number }];
  const waiting = new Map<number, (value: unknown) => void>();
  let last = 0;
  child.on('message', (message) => {
    const { id, value } = message as Reply;
    waiting.get(id)?.(value);
    waiting.delete(id);
  });
  const call = <T>(ask: Omit<Call, 'id'> & { readonly reply?: SinkReply }): Promise<T> => {
    last += 1;
    const id = last;
    return new Promise((resolve) => {
      waiting.set(id, (value) => resolve(value as T));
      child.send({ ...ask, id });
    });
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    answer: (reply) => call({ ask: 'answer', reply }),
    stats: () => call({ ask: 'stats' }),
    spans: () => call({ ask: 'spans' }),
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`the sink process ended with code ${String(code)} before it listened`);
}

async function serve(options: SinkProcessOptions): Promise<void> {
  const ledger = createSpanLedger();
  const sink = await startOtlpSink({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.keepSpans === true ? { onAccepted: ledger.onAccepted } : {}),
  });
  if (options.answer !== undefined) sink.answer(options.answer);
  process.on('message', (message) => {
    const call = message as Call;
    const value = (): unknown => {
      if (call.ask === 'stats') return sink.stats();
      if (call.ask === 'spans') return [...ledger.spans].map(([id, { times, contents }]) => [id, times, contents.size]);
      sink.answer(call.reply);
      return null;
    };
    process.send?.({ id: call.id, value: value() });
  });
  // Whoever started it is gone, however that came about.
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port: sink.port });
}

// Started by `fork` above, or by hand: `node otlpSinkProcess.ts serve '{"port":4318}'`.
if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'serve') {
  await serve(JSON.parse(process.argv[3] ?? '{}') as SinkProcessOptions);
}
