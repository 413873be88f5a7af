/**
 * The whole server as a process, load generator and backend as two more, all on the same cores:
 * acknowledged events per second, sustained requests per second with a flat backlog, memory with a backlog of 1 GiB.
 * `node test/src/bench/path.bench.ts [ack|sustained|memory|backfill]… [--seconds 30] [--sustained-seconds 180] [--rate 5000]`
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startOtlpSinkProcess } from '../fakes/otlpSinkProcess.ts';
import { type LoadReport, spawnLoad } from '../gateway/index.ts';
import { asArchive, loadEvents, type UsageEvent } from '../recordings/index.ts';
import { BENCH_TOKEN, type ServerProcess, startServerProcess } from './serverProcess.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    'sustained-seconds': { type: 'string', default: '180' },
    rate: { type: 'string', default: '5000' },
    'backfill-events': { type: 'string', default: '500000' },
  },
});
const chosen = new Set(positionals.length === 0 ? ['ack', 'sustained', 'memory', 'backfill'] : positionals);
const seconds = Number(values.seconds);
const GIB = 1024 ** 3;

const print = (line: string) => process.stdout.write(`${line}\n`);
const thousands = (value: number) => Math.round(value).toLocaleString('en');
const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

const load = (server: ServerProcess, flags: Record<string, string | number>): Promise<LoadReport> =>
  spawnLoad({ url: server.ingestUrl, token: BENCH_TOKEN, environment: 'prod', batch: 100, connections: 8, ...flags });

const sinkDestination = (url: string) => ({
  name: 'sink',
  endpoint: url,
  protocol: 'http/protobuf',
  compression: 'gzip',
});

function reportLoad(name: string, report: LoadReport): void {
  print(
    `${name.padEnd(44)} ${thousands(report.ackedEventsPerSecond).padStart(8)} events/s  p50 ${report.p50} ms  p99 ${report.p99} ms  max ${report.max} ms  failures ${JSON.stringify(report.failures)}  generator ${report.cpuSeconds} cpu s`,
  );
}

/** Acknowledged events per second, closed loop, then paced at the goal. */
async function ack(): Promise<void> {
  for (const input of ['telemetry', 'object_store']) {
    const sink = await startOtlpSinkProcess();
    const server = await startServerProcess({ destinations: [sinkDestination(sink.url)] });
    await load(server, { input, seconds: 3 });
    const before = server.usage();
    reportLoad(`ack, ${input}, as fast as it goes`, await load(server, { input, seconds }));
    const used = server.usage().cpuSeconds - before.cpuSeconds;
    print(
      `${''.padEnd(44)} server ${used.toFixed(1)} cpu s of ${seconds} s, ${megabytes(server.usage().residentBytes)} resident`,
    );
    reportLoad(
      `ack, ${input}, paced at 20,000/s`,
      await load(server, { input, seconds: Math.min(seconds, 15), rate: 20_000 }),
    );
    await server.stop();
    await sink.stop();
  }
}

/** One request an event, paced; the backlog must not grow. */
async function sustained(): Promise<void> {
  const total = Number(values['sustained-seconds']);
  const rate = Number(values.rate);
  const sink = await startOtlpSinkProcess();
  const server = await startServerProcess({ destinations: [sinkDestination(sink.url)] });
  await load(server, { input: 'telemetry', seconds: 3, rate });
  const before = server.usage();
  const running = load(server, { input: 'telemetry', seconds: total, rate });
  const samples: string[] = [];
  for (let at = 20; at < total; at += 20) {
    await sleep(20_000);
    const { path } = await server.status();
    const [destination] = path.destinations;
    samples.push(
      `${at} s: ${thousands(Number(destination?.backlogRows ?? 0))} rows behind, ${path.deliveries.lastSeq - Number(path.assemblyPosition)} deliveries to assemble, ${megabytes(server.usage().residentBytes)}`,
    );
    print(`  ${samples.at(-1)}`);
  }
  const report = await running;
  const used = server.usage().cpuSeconds - before.cpuSeconds;
  const started = performance.now();
  for (;;) {
    const { path } = await server.status();
    if (
      path.assemblyPosition === path.deliveries.lastSeq &&
      path.destinations.every(({ backlogRows }) => backlogRows === 0)
    )
      break;
    await sleep(100);
  }
  reportLoad(`sustained at ${thousands(rate)} events/s`, report);
  const { spans } = await sink.stats();
  print(
    `${''.padEnd(44)} drained ${((performance.now() - started) / 1000).toFixed(1)} s after the end; ${thousands(spans)} spans at the backend; server ${used.toFixed(1)} cpu s of ${total} s (${((used / report.ackedEvents) * 1e6).toFixed(1)} µs/event)`,
  );
  await server.stop();
  await sink.stop();
}

/** Resident memory with 1 GiB of requests that a dead destination has not taken, and while that is sent at last. */
async function memory(): Promise<void> {
  const sink = await startOtlpSinkProcess({ answer: { kind: 'status', status: 503 } });
  const server = await startServerProcess({
    destinations: [{ ...sinkDestination(sink.url), max_backlog: '4GiB' }],
    limits: { stream_bytes: '8GiB' },
  });
  let peak = 0;
  for (;;) {
    await load(server, { input: 'telemetry', seconds: 10 });
    const { path } = await server.status();
    peak = Math.max(peak, server.usage().residentBytes);
    const backlog = Number(path.destinations[0]?.backlogBytes ?? 0);
    print(`  ${megabytes(backlog)} behind, ${megabytes(server.usage().residentBytes)} resident`);
    if (backlog >= GIB) break;
  }
  await sink.answer({ kind: 'accept' });
  for (let at = 0; at < 12; at++) {
    await sleep(5_000);
    peak = Math.max(peak, server.usage().residentBytes);
  }
  const { path } = await server.status();
  print(
    `${'memory with a backlog of 1 GiB'.padEnd(44)} ${megabytes(peak)} resident at most; ${megabytes(Number(path.destinations[0]?.backlogBytes ?? 0))} left after a minute of sending`,
  );
  await server.stop();
  await sink.stop();
}

/** Events of an archive per second, by the command that users run. */
async function backfill(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'aisix-bench-archive-'));
  const wanted = Number(values['backfill-events']);
  const recorded = loadEvents('story');
  const copies = Math.ceil(wanted / recorded.length);
  for (let copy = 0; copy < copies; copy++) {
    const events = recorded.map((event): UsageEvent => ({ ...event, request_id: `${event.request_id}-${copy}` }));
    await asArchive(events, join(dir, `copy=${copy}`), { recordsPerObject: 1_000 });
  }
  const server = await startServerProcess();
  const main = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));
  const started = performance.now();
  await promisify(execFile)(
    process.execPath,
    [main, 'backfill', dir, '--environment', 'prod', '--config', server.configFile],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const elapsed = (performance.now() - started) / 1000;
  const events = copies * recorded.length;
  print(
    `${'backfill'.padEnd(44)} ${thousands(events / elapsed).padStart(8)} events/s  (${thousands(events)} events in ${elapsed.toFixed(1)} s)`,
  );
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}

print(
  `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / GIB)} GiB`,
);
if (chosen.has('ack')) await ack();
if (chosen.has('sustained')) await sustained();
if (chosen.has('memory')) await memory();
if (chosen.has('backfill')) await backfill();
