import { createAgent, createKeyedHash, createRedactor } from '@aisix-observability/audit-bridge';
import { systemClock } from '@aisix-observability/pipeline';
import { keyOf } from '../config/redactionKey.ts';
import { withRedactionKey } from '../config/redactionKeyFile.ts';
import { openDataDir } from '../dataDir/dataDir.ts';
import { METRIC_BOUNDARIES, METRIC_HELP } from '../telemetry/metricHelp.ts';
import { createMetrics } from '../telemetry/recorder.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { CommandError } from './failure.ts';
import { readConfig } from './readConfig.ts';

/** The timers of watchers do not keep a process alive. */
const ALIVE_MILLIS = 60_000;

/** Watches beside a data plane until a signal, and posts what it finds to the server. */
export async function agent(options: { config?: string }, io: CommandIo): Promise<ExitCode> {
  const { config: given } = await readConfig(options.config, io);
  const { agent: settings } = given;
  if (settings === undefined) throw new CommandError(EXIT.usage, 'the configuration has no section `agent`');
  const { log } = io;
  const config = withRedactionKey(given, { log });
  const dataDir = openDataDir(config.dataDir);
  const metrics = createMetrics({
    thread: 'agent',
    boundaries: METRIC_BOUNDARIES,
    help: METRIC_HELP,
    telemetry: config.telemetry,
  });
  const { recorder } = metrics;
  const { cacheFile, resourcesFile, statusUrl, intervalMillis, ...rest } = settings;
  const running = createAgent({
    ...rest,
    dataDir: dataDir.path,
    watch: {
      ...(cacheFile === undefined ? {} : { cacheFile }),
      ...(resourcesFile === undefined ? {} : { resourcesFile }),
      ...(statusUrl === undefined ? {} : { statusUrl }),
    },
    ...(intervalMillis === undefined ? {} : { pollMillis: intervalMillis }),
    redactor: createRedactor({ hash: createKeyedHash(keyOf(config)) }),
    fetch,
    clock: systemClock,
    log,
    recorder,
  });
  running.start();
  log('info', 'The agent is ready.', { server: new URL(settings.url).origin, data_plane: settings.dataPlane });
  await interrupted(io.interrupted);
  log('info', 'Stopping: what was not handed over is on disk and goes on at the next start.');
  await running.close();
  await metrics.close().catch(() => {});
  dataDir.close();
  return EXIT.ok;
}

async function interrupted(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, ALIVE_MILLIS);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(alive);
}
