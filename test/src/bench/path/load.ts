import { startOtlpSinkProcess } from '../../fakes/otlpSinkProcess.ts';
import { type LoadReport, spawnLoad } from '../../gateway/index.ts';
import { BENCH_TOKEN, type BenchServer } from '../benchServer.ts';
import { busySeconds } from '../machine.ts';

/** Batches of 100 over 8 connections, from a process of its own. */
export const load = (server: BenchServer, flags: Readonly<Record<string, string | number>>): Promise<LoadReport> =>
  spawnLoad({ url: server.ingestUrl, token: BENCH_TOKEN, environment: 'prod', batch: 100, connections: 8, ...flags });

/** What most users configure. */
export const sinkDestination = (url: string) => ({
  name: 'sink',
  endpoint: url,
  protocol: 'http/protobuf',
  compression: 'gzip',
});

export const startSink = startOtlpSinkProcess;

/** A load, and the processor time that server and generator took meanwhile. */
export async function measuredLoad(server: BenchServer, flags: Readonly<Record<string, string | number>>) {
  const before = server.process.usage().cpuSeconds;
  const allBefore = busySeconds();
  const report = await load(server, flags);
  const all = busySeconds() - allBefore;
  const cpu = server.process.usage().cpuSeconds - before;
  const shares = `server ${cpu.toFixed(1)} and generator ${report.cpuSeconds.toFixed(1)} CPU s of ${report.seconds.toFixed(0)} s, whole machine ${all.toFixed(1)}, ${((cpu / report.ackedEvents) * 1e6).toFixed(0)} µs of the server per event`;
  const failures = Object.keys(report.failures).length === 0 ? '' : `, failures ${JSON.stringify(report.failures)}`;
  return { report, shares: shares + failures };
}
