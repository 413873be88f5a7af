import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchServer, startBenchServer } from '../benchServer.ts';
import { whereTimeGoes } from '../cpuProfile.ts';
import { megabytes, report, thousands } from '../result.ts';
import { load, measuredLoad, sinkDestination, startSink } from './load.ts';

const SAMPLE_MILLIS = 10_000;
/** A flat backlog holds what is on its way; more than this many seconds of traffic is growing. */
const FLAT_SECONDS = 3;

/**
 * Requests on their way to the destination or to the store, whichever is further behind: deliveries that are not
 * assembled count as a full batch each.
 */
async function behind(server: BenchServer): Promise<number> {
  const { path, store } = await server.process.status();
  const unread = path.deliveries.lastSeq - Number(path.assemblyPosition);
  const unstored = store === undefined ? 0 : path.requests.lastSeq - store.position;
  return Math.max(Number(path.destinations[0]?.backlogRows ?? 0), unstored) + unread * 100;
}

/** Paced traffic to one gzip destination; what is behind must not grow. */
export async function measureSustained(seconds: number, rate: number): Promise<void> {
  const sink = await startSink();
  const server = await startBenchServer({ destinations: [sinkDestination(sink.url)] });
  await load(server, { input: 'telemetry', seconds: 3, rate });
  const spansBefore = (await sink.stats()).spans;
  const running = measuredLoad(server, { input: 'telemetry', seconds, rate });
  const samples: number[] = [];
  let resident = 0;
  for (let at = SAMPLE_MILLIS; at < seconds * 1_000; at += SAMPLE_MILLIS) {
    await sleep(SAMPLE_MILLIS);
    samples.push(await behind(server));
    resident = Math.max(resident, server.process.usage().residentBytes);
  }
  const { report: sent, shares } = await running;
  const spans = (await sink.stats()).spans - spansBefore;
  const ended = performance.now();
  while ((await behind(server)) > 0) await sleep(100);
  const drained = (performance.now() - ended) / 1_000;
  const later = samples.slice(Math.floor(samples.length / 2));
  report({
    what: `sustained, ${seconds} s, one protobuf + gzip destination`,
    measured: `${thousands(sent.ackedEventsPerSecond)} events/s, ${thousands(spans / seconds)} spans/s at the backend, behind ${thousands(Math.min(...samples))} to ${thousands(Math.max(...samples))} rows, drained ${drained.toFixed(1)} s after the end, ack p99 ${sent.p99} ms, ${megabytes(resident)} resident (${shares})`,
    goal: '≥ 5,000 requests/s, flat backlog',
    met: sent.ackedEventsPerSecond >= rate * 0.99 && Math.max(...later) <= rate * FLAT_SECONDS,
  });
  await server.stop();
  await sink.stop();
}

/** The same for a shorter time under the profiler, which costs some percent itself. */
export async function profileSustained(seconds: number, rate: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'aisix-profile-'));
  const sink = await startSink();
  const server = await startBenchServer({
    destinations: [sinkDestination(sink.url)],
    nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${directory}`],
  });
  await load(server, { input: 'telemetry', seconds, rate });
  await server.stop();
  await sink.stop();
  for (const { thread, shares } of whereTimeGoes(directory)) {
    report({ what: `profile at ${thousands(rate)} events/s, ${thread}`, measured: shares, goal: '' });
  }
  rmSync(directory, { recursive: true });
}
