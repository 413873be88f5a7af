import { startBenchServer } from '../benchServer.ts';
import { report, thousands } from '../result.ts';
import { measuredLoad, sinkDestination, startSink } from './load.ts';

const GOAL_PER_SECOND = 20_000;
const GOAL_P99_MILLIS = 50;
/** Signed before the run, enough for half a minute. */
const PREBUILT_UPLOADS = 18_000;

/** Acknowledged events per second: as fast as the answers come, then paced at the goal. */
export async function measureAck(seconds: number): Promise<void> {
  for (const input of ['telemetry', 'object_store']) {
    const sink = await startSink();
    const server = await startBenchServer({ destinations: [sinkDestination(sink.url)] });
    await measuredLoad(server, { input, seconds: 3, rate: GOAL_PER_SECOND });
    for (const [how, flags] of [
      ['as fast as it goes', { seconds }],
      ['paced at 20,000/s', { seconds: Math.min(seconds, 15), rate: GOAL_PER_SECOND }],
    ] as const) {
      const { report: load, shares } = await measuredLoad(server, { input, prebuilt: PREBUILT_UPLOADS, ...flags });
      // A pacer never quite reaches its own rate.
      const enough = load.ackedEventsPerSecond >= GOAL_PER_SECOND * 0.99;
      report({
        what: `acknowledged, ${input}, ${how}`,
        measured: `${thousands(load.ackedEventsPerSecond)} events/s, p50 ${load.p50} p99 ${load.p99} max ${load.max} ms (${shares})`,
        goal: '≥ 20,000 events/s, p99 < 50 ms',
        met: enough && load.p99 < GOAL_P99_MILLIS,
      });
    }
    await server.stop();
    await sink.stop();
  }
}
