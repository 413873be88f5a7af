import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asArchive, loadEvents, type UsageEvent } from '../../recordings/index.ts';
import { startBenchServer } from '../benchServer.ts';
import { report, thousands } from '../result.ts';

const GOAL_PER_SECOND = 50_000;
/** A gateway closes an object after a second or some hundred records; archives are rarely coarser than this. */
const RECORDS_PER_OBJECT = 1_000;
const MAIN = fileURLToPath(new URL('../../../../server/src/main.ts', import.meta.url));

/** Events of an archive per second, by the command that users run beside their server. */
export async function measureBackfill(wanted: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'aisix-bench-archive-'));
  const recorded = loadEvents('story');
  const copies = Math.ceil(wanted / recorded.length);
  for (let copy = 0; copy < copies; copy++) {
    const events = recorded.map((event): UsageEvent => ({ ...event, request_id: `${event.request_id}-${copy}` }));
    await asArchive(events, join(dir, `copy=${copy}`), { recordsPerObject: RECORDS_PER_OBJECT });
  }
  const server = await startBenchServer();
  const before = server.process.usage().cpuSeconds;
  const started = performance.now();
  await promisify(execFile)(
    process.execPath,
    [MAIN, 'backfill', dir, '--environment', 'prod', '--config', server.configFile],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const seconds = (performance.now() - started) / 1_000;
  const cpu = server.process.usage().cpuSeconds - before;
  const events = copies * recorded.length;
  report({
    what: 'backfill beside a running server',
    measured: `${thousands(events / seconds)} events/s (${thousands(events)} events in ${seconds.toFixed(1)} s, start of the command included; server ${cpu.toFixed(1)} CPU s)`,
    goal: '≥ 50,000 events/s',
    met: events / seconds >= GOAL_PER_SECOND,
  });
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
