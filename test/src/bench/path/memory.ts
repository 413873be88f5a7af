import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchServer } from '../benchServer.ts';
import { megabytes, report } from '../result.ts';
import { load, sinkDestination, startSink } from './load.ts';

const BACKLOG_BYTES = 1024 ** 3;
const GOAL_BYTES = 400_000_000;
const SAMPLE_MILLIS = 250;
const DRAIN_SECONDS = 30;

/** Resident memory while a dead destination falls 1 GiB behind, and while that is sent at last. */
export async function measureMemory(): Promise<void> {
  const sink = await startSink({ answer: { kind: 'status', status: 503 } });
  const server = await startBenchServer({
    destinations: [{ ...sinkDestination(sink.url), max_backlog: '4GiB' }],
    limits: { stream_bytes: '8GiB' },
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, server.process.usage().residentBytes);
  }, SAMPLE_MILLIS);
  const backlog = async () => Number((await server.process.status()).path.destinations[0]?.backlogBytes ?? 0);
  // As fast as it goes; what is not assembled yet is no backlog of the destination, and is waited for.
  for (;;) {
    const { path } = await server.process.status();
    const bytes = Number(path.destinations[0]?.backlogBytes ?? 0);
    const unread = path.deliveries.lastSeq - Number(path.assemblyPosition);
    if (bytes >= BACKLOG_BYTES && unread === 0) break;
    if (unread > 0) await sleep(SAMPLE_MILLIS);
    else await load(server, { input: 'telemetry', seconds: 5 });
  }
  const filling = peak;
  const before = await backlog();
  peak = 0;
  await sink.answer({ kind: 'accept' });
  await sleep(DRAIN_SECONDS * 1_000);
  const left = await backlog();
  clearInterval(timer);
  report({
    what: 'resident memory, destination 1 GiB behind',
    measured: `at most ${megabytes(filling)} while it grew to ${megabytes(before)}, ${megabytes(peak)} while ${megabytes(before - left)} of it were sent in ${DRAIN_SECONDS} s`,
    goal: '< 400 MB',
    met: filling < GOAL_BYTES && peak < GOAL_BYTES,
  });
  await server.stop();
  await sink.stop();
}
