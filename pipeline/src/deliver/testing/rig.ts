import type { Log } from '../../observe/log.ts';
import type { Recorder } from '../../observe/recorder.ts';
import { createDestination, type Destination } from '../destination.ts';
import type { DestinationOptions } from '../options.ts';
import type { SetAside, SetAsideEntry } from '../setAside.ts';
import type { Answer, Transport } from '../transport.ts';
import { createManualClock, type ManualClock } from './manualClock.ts';
import { createMemoryCursors, createMemoryStream } from './memoryStream.ts';

/** What a scripted backend sees of a request: the items in it. */
export interface Sent {
  readonly number: number;
  readonly items: readonly string[];
  readonly at: number;
}

export type Script = (sent: Sent) => Answer | Promise<Answer>;

export const accepted: Answer = { kind: 'answered', status: 200, body: new Uint8Array() };

export function status(code: number, extra: { retryAfter?: string; location?: string; text?: string } = {}): Answer {
  const { text, ...rest } = extra;
  return { kind: 'answered', status: code, body: Buffer.from(text ?? ''), contentType: 'text/plain', ...rest };
}

export function json(code: number, body: unknown): Answer {
  return { kind: 'answered', status: code, body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' };
}

/** Never answers until it is called off. */
export const hang = new Promise<Answer>(() => {});

export function createRig(clock: ManualClock = createManualClock()) {
  const stream = createMemoryStream();
  const cursors = createMemoryCursors();
  const setAsideEntries: SetAsideEntry[] = [];
  const logged: { level: string; message: string; fields?: Readonly<Record<string, unknown>> | undefined }[] = [];
  const counted = new Map<string, number>();
  const sent: Sent[] = [];
  const setAside: SetAside = { keep: async (entry) => void setAsideEntries.push(entry) };
  const log: Log = (level, message, fields) => void logged.push({ level, message, fields });
  const recorder: Recorder = {
    count(name, value, labels) {
      const key = labels?.reason === undefined ? name : `${name}{${labels.reason}}`;
      counted.set(key, (counted.get(key) ?? 0) + value);
    },
    gauge() {},
    observe() {},
  };

  return {
    clock,
    stream,
    cursors,
    setAsideEntries,
    logged,
    counted,
    sent,
    /** Payloads are items joined by commas; `skip:<reason>` is skipped, `throw` cannot be prepared. */
    start(script: Script, options: Partial<DestinationOptions<string>> = {}): Destination {
      const transport: Transport = {
        async send(body, signal) {
          const items = JSON.parse(Buffer.from(body).toString()) as string[];
          const request = { number: sent.length + 1, items, at: clock.now() };
          sent.push(request);
          const calledOff = new Promise<Answer>((resolve) => {
            signal.addEventListener('abort', () => resolve({ kind: 'aborted' }), { once: true });
          });
          return Promise.race([script(request), calledOff]);
        },
        close() {},
      };
      return createDestination<string>({
        name: 'main',
        stream,
        cursors,
        prepare(row) {
          if (row.payload === 'throw') throw new Error('no such row');
          if (row.payload.startsWith('skip:')) return { skip: row.payload.slice(5) };
          return { items: row.payload === '' ? [] : row.payload.split(',') };
        },
        serialize(items) {
          if (items.includes('unserializable')) throw new Error('cannot be written');
          return Buffer.from(JSON.stringify(items));
        },
        endpoint: {
          url: 'http://backend.test:4318/v1/traces?key=secret',
          headers: {},
          contentType: 'application/json',
          compression: 'none',
          timeoutMillis: 1_000,
          userAgent: 'test',
        },
        setAside,
        transport,
        clock,
        random: () => 0.5,
        recorder,
        log,
        ...options,
      });
    },
  };
}

export type Rig = ReturnType<typeof createRig>;
