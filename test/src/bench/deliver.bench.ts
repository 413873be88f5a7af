/**
 * What delivery itself costs: rows of a durable stream to a sink in another process, with a serialiser that only
 * joins texts, so that spans and their encoding do not count. `node test/src/bench/deliver.bench.ts [rows]`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDestination, createSetAsideFiles, openStreamFile, type Stream } from '@aisix-observability/pipeline';
import { type OtlpSinkProcess, startOtlpSinkProcess } from '../fakes/otlpSinkProcess.ts';

const ROWS = Number(process.argv[2] ?? 150_000);
/** About what the compact row of a request takes. */
const PAYLOAD = JSON.stringify({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), name: 'x'.repeat(500) });
const PREFIX = '{"resourceSpans":[{"scopeSpans":[{"spans":[';
const SUFFIX = ']}]}]}';
const DRAINED_MILLIS = 20;

const print = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;

async function fill(stream: Stream, rows: number): Promise<void> {
  for (let done = 0; done < rows; done += 5_000) {
    await stream.append(
      Array.from({ length: Math.min(5_000, rows - done) }, () => ({ payload: PAYLOAD, at: Date.now() })),
    );
  }
}

interface Case {
  readonly delayMillis: number;
  readonly compression: 'gzip' | 'none';
  readonly inFlight: number;
}

function start(
  stream: Stream,
  cursors: Parameters<typeof createDestination>[0]['cursors'],
  directory: string,
  name: string,
  url: string,
  test: Case,
) {
  return createDestination<string>({
    name,
    stream,
    cursors,
    prepare: (row) => ({ items: [row.payload] }),
    serialize: (items) => Buffer.from(`${PREFIX}${items.join(',')}${SUFFIX}`),
    endpoint: {
      url: `${url}/v1/traces`,
      headers: {},
      contentType: 'application/json',
      compression: test.compression,
      timeoutMillis: 10_000,
      userAgent: 'bench',
    },
    setAside: createSetAsideFiles({ directory: join(directory, 'set-aside') }),
    limits: { inFlight: test.inFlight, maxBacklogBytes: 2 ** 40 },
  });
}

await using undo = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), 'deliver-bench-'));
undo.defer(() => rm(directory, { recursive: true }));
const file = undo.adopt(openStreamFile(join(directory, 'rows.sqlite')), (opened) => opened.close());
const stream = file.stream('rows');
const sink: OtlpSinkProcess = undo.adopt(await startOtlpSinkProcess(), (started) => started.stop());
await fill(stream, ROWS);
print(`${ROWS} rows of ${PAYLOAD.length} bytes, 512 items per request, Node ${process.version}`);
print('| backend delay | compression | in flight | items/s | CPU µs/item here | peak RSS |');
print('|---|---|---|---|---|---|');

const cases: readonly Case[] = [
  { delayMillis: 0, compression: 'none', inFlight: 4 },
  { delayMillis: 0, compression: 'gzip', inFlight: 4 },
  { delayMillis: 100, compression: 'none', inFlight: 4 },
  { delayMillis: 100, compression: 'gzip', inFlight: 4 },
  { delayMillis: 100, compression: 'gzip', inFlight: 16 },
];
for (const [index, test] of cases.entries()) {
  await sink.answer({ kind: 'accept', delayMillis: test.delayMillis });
  const cpu = process.cpuUsage();
  const began = performance.now();
  let peak = 0;
  const destination = start(stream, file.cursors, directory, `case${index}`, sink.url, test);
  while (destination.health().delivered < ROWS) {
    peak = Math.max(peak, process.memoryUsage.rss());
    await sleep(DRAINED_MILLIS);
  }
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await destination.close(1_000);
  print(
    `| ${test.delayMillis} ms | ${test.compression} | ${test.inFlight} | ${Math.round(ROWS / seconds)} | ${((user + system) / ROWS).toFixed(1)} | ${megabytes(peak)} |`,
  );
}

// A backend that never answers, in front of everything that is in the stream.
await sink.answer({ kind: 'hang' });
const before = process.memoryUsage.rss();
const stuck = start(stream, file.cursors, directory, 'stuck', sink.url, {
  delayMillis: 0,
  compression: 'gzip',
  inFlight: 4,
});
await sleep(3_000);
const { backlogBytes } = stuck.health();
print(
  `backlog of ${megabytes(backlogBytes)} before a backend that hangs: RSS ${megabytes(before)} before, ${megabytes(process.memoryUsage.rss())} after 3 s`,
);
await stuck.close(0);

// The transport alone: node's client against fetch, one 256 KiB body after the other.
await sink.answer({ kind: 'accept' });
const body = Buffer.from(`${PREFIX}${Array.from({ length: 512 }, () => PAYLOAD).join(',')}${SUFFIX}`);
const agent = new Agent({ keepAlive: true });
undo.defer(() => agent.destroy());
const viaHttp = () =>
  new Promise<void>((resolve, reject) => {
    const outgoing = httpRequest(`${sink.url}/v1/traces`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    });
    outgoing.on('response', (response) => response.resume().on('end', resolve));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
const viaFetch = async () => {
  const response = await fetch(`${sink.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await response.arrayBuffer();
};
for (const [name, send] of [
  ['node:http', viaHttp],
  ['fetch', viaFetch],
  ['node:http', viaHttp],
  ['fetch', viaFetch],
] as const) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let round = 0; round < 300; round += 1) await send();
  const { user, system } = process.cpuUsage(cpu);
  print(
    `${name}: ${Math.round(300 / ((performance.now() - began) / 1_000))} requests/s, ${Math.round((user + system) / 300)} µs CPU per request of ${Math.round(body.length / 1024)} KiB`,
  );
}
