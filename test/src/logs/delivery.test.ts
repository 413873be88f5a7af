import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChainHead, createLogEvents, type LogEvents } from '@aisix-observability/audit-bridge';
import { createSetAsideFiles, systemClock } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { memorySource, NOON } from '../annotations/memorySource.ts';
import { type OtlpSink, type SinkReply, startOtlpSink } from '../fakes/otlpSink.ts';

interface WireRecord {
  readonly eventName: string;
  readonly timeUnixNano: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[];
}

const WAIT = { timeout: 30_000 };
let undo: AsyncDisposableStack;
let directory: string;
let sink: OtlpSink;
let received: WireRecord[];
let source: ReturnType<typeof memorySource>;
let head: ChainHead | undefined;
let paths: Set<string>;
const replies: SinkReply[] = [];

beforeEach(async () => {
  undo = new AsyncDisposableStack();
  received = [];
  paths = new Set();
  head = undefined;
  source = memorySource();
  directory = await mkdtemp(join(tmpdir(), 'logs-'));
  undo.defer(() => rm(directory, { recursive: true }));
  sink = undo.adopt(
    await startOtlpSink({
      script: () => replies.shift() ?? { kind: 'accept' },
      onAccepted({ document, path }) {
        paths.add(path);
        const { resourceLogs } = document as { resourceLogs: { scopeLogs: { logRecords: WireRecord[] }[] }[] };
        received.push(...resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)));
      },
    }),
    (started) => started.close(),
  );
});
afterEach(() => undo.disposeAsync());

function start(): LogEvents {
  const shift = Date.now() - (NOON + 60_000);
  return createLogEvents({
    path: join(directory, 'logs.db'),
    ledger: { ...source, lastVersion: () => source.versionsAfter(0, 1e9).at(-1)?.version ?? 0, head: () => head },
    destinations: [
      {
        name: 'backend',
        protocol: 'http/json',
        endpoint: {
          url: `${sink.url}/v1/logs`,
          headers: {},
          compression: 'gzip',
          timeoutMillis: 2_000,
          userAgent: 'test',
        },
        limits: { lingerMillis: 10 },
      },
    ],
    setAside: createSetAsideFiles({ directory: join(directory, 'set-aside') }),
    clock: { ...systemClock, now: () => Date.now() - shift },
  });
}

const ids = () =>
  received.map(({ attributes }) => attributes.find(({ key }) => key === 'aisix.change.id')?.value.stringValue);

it('each version of a change is one event, over restarts and a backend in trouble', async () => {
  replies.push({ kind: 'status', status: 503 }, { kind: 'disconnect' });
  source.put({ id: 'a' });
  let events = start();
  await vi.waitFor(() => expect(ids()).toEqual(['a']), WAIT);
  await events.close(5_000);
  source.put({ id: 'b' });
  source.put({ id: 'a', state: 'rejected' });
  source.replace('c', 'a');
  events = undo.adopt(start(), (opened) => opened.close(1_000));
  await vi.waitFor(() => expect(ids()).toEqual(['a', 'b', 'a']), WAIT);
  source.put({ id: 'd' });
  await vi.waitFor(() => expect(ids()).toEqual(['a', 'b', 'a', 'd']), WAIT);
  expect([...paths]).toEqual(['/v1/logs']);
  expect(events.health()).toMatchObject([{ name: 'backend.logs', state: 'ok', delivered: 3, backlogRows: 0 }]);
  expect(received[0]?.timeUnixNano).toBe(`${NOON}000000`);
});

it('the first start leaves history to the ledger, and nothing that comes later', async () => {
  const long = NOON - 3 * 86_400_000;
  source.put({ id: 'old', occurredAt: long });
  source.put({ id: 'new' });
  const events = undo.adopt(start(), (opened) => opened.close(1_000));
  await vi.waitFor(() => expect(ids()).toEqual(['new']), WAIT);
  source.put({ id: 'found late', occurredAt: long, foundLate: true });
  await vi.waitFor(() => expect(ids()).toEqual(['new', 'found late']), WAIT);
  const all = { from: 0, to: NOON * 2 };
  expect(await events.destination('backend')?.resend(all)).toMatchObject({ rows: 2 });
  expect(received[3]).toEqual(received[1]);
});

it('the head of the ledger is published once for each that it has', async () => {
  const events = undo.adopt(start(), (opened) => opened.close(1_000));
  events.publishHead();
  head = { seq: 3, hash: 'ef'.repeat(32), at: NOON };
  events.publishHead();
  events.publishHead();
  head = { seq: 4, hash: 'ab'.repeat(32), at: NOON };
  events.publishHead();
  await vi.waitFor(() => expect(received).toHaveLength(2), WAIT);
  expect(received.map(({ eventName }) => eventName)).toEqual(['aisix.ledger.head', 'aisix.ledger.head']);
});
