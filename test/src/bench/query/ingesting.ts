import { startLoad } from '../../gateway/index.ts';
import { BENCH_TOKEN } from '../benchServer.ts';
import { report, thousands } from '../result.ts';
import type { QueryServer } from './api.ts';

/** Longer than any row of questions takes; the load is stopped when they are done. */
const AT_MOST_SECONDS = 600;
/** An acknowledgement that takes longer makes a gateway's exporter retry. */
const ACK_GOAL_MILLIS = 50;

/** Does the work while requests arrive at a rate, and reports what those who send them felt. */
export async function measureWhileIngesting(
  server: QueryServer,
  { rate, work }: { readonly rate: number; readonly work: () => Promise<void> },
): Promise<void> {
  const load = startLoad({
    url: server.ingestUrl,
    token: BENCH_TOKEN,
    environment: 'prod',
    input: 'telemetry',
    batch: 100,
    connections: 8,
    seconds: AT_MOST_SECONDS,
    rate,
  });
  await work();
  const { ackedEventsPerSecond, p50, p99 } = await load.stop();
  report({
    what: 'ingest beside these queries',
    measured: `${thousands(ackedEventsPerSecond)} events/s, ack p50 ${p50} p99 ${p99} ms`,
    goal: `p99 ≤ ${ACK_GOAL_MILLIS} ms`,
    met: p99 <= ACK_GOAL_MILLIS,
  });
}
