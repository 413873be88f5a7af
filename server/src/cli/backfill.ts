import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Accept, type BackfillSummary, runBackfill } from '@aisix-observability/collector-exporter';
import { type Recorder, silentRecorder } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import { formatDuration } from '../config/units.ts';
import { NotRunningError } from '../control/controlClient.ts';
import { startEngine } from '../engine.ts';
import { escapeText } from '../telemetry/log.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { CommandError } from './failure.ts';
import { createProgressView, progressLine } from './progressLine.ts';
import { readConfig } from './readConfig.ts';
import { withControl } from './withControl.ts';

export interface BackfillCommandOptions {
  readonly config?: string;
  readonly environment?: string;
  readonly dataPlane?: string;
}

/**
 * Reads an archive of the `object_store` exporter into the server that runs on the data directory, or into the
 * directory itself when none runs. Interrupted, it goes on from there when it is called again.
 */
export async function backfill(dir: string, options: BackfillCommandOptions, io: CommandIo): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  const environment = environmentOf(options.environment, config);
  await expectFolder(resolve(io.cwd, dir));
  const read = (accept: Accept, recorder: Recorder) =>
    readArchiveInto({ accept, recorder }, dir, environment, options, config, io);
  let summary: BackfillSummary;
  try {
    summary = await withControl(config, async (client) => {
      await client.get('/status');
      return read(client.accept, silentRecorder);
    });
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    summary = await withoutServer(config, io, read);
  }
  io.out(showSummary(summary));
  if (summary.interrupted) return EXIT.interrupted;
  return summary.problemCount > 0 ? EXIT.failed : EXIT.ok;
}

function environmentOf(word: string | undefined, { environments }: Config): string {
  const found =
    word === undefined && environments.length === 1
      ? environments[0]
      : environments.find(({ id, name }) => id === word || name === word);
  if (found !== undefined) return found.id;
  const names = environments.map(({ name }) => name).join(', ');
  throw new CommandError(EXIT.usage, `\`--environment\` must be one of the configuration's environments: ${names}`);
}

/** Looked at before anything is opened: a wrong path must not leave a data directory behind. */
async function expectFolder(path: string): Promise<void> {
  const found = await stat(path).then(
    (entry) => (entry.isDirectory() ? undefined : 'a file'),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'nothing' : `what cannot be read (${error.code})`),
  );
  if (found === undefined) return;
  throw new CommandError(
    EXIT.usage,
    `${path}: found ${found}, expected the folder of an archive (with dt=/hh= folders)`,
  );
}

async function readArchiveInto(
  { accept, recorder }: { readonly accept: Accept; readonly recorder: Recorder },
  dir: string,
  environment: string,
  { dataPlane }: BackfillCommandOptions,
  config: Config,
  io: CommandIo,
): Promise<BackfillSummary> {
  const path = resolve(io.cwd, dir);
  const view = createProgressView(io);
  try {
    return await runBackfill({
      dir: path,
      environment,
      ...(dataPlane === undefined ? {} : { dataPlane }),
      accept,
      checkpointFile: checkpointFile(config.dataDir, path, environment),
      onProgress: (progress) => view.show(progressLine(progress)),
      signal: io.interrupted,
      now: io.now,
      recorder,
      log: io.log,
    });
  } finally {
    view.done();
  }
}

/** One place per archive and environment, so that several may be half done. */
function checkpointFile(dataDir: string, path: string, environment: string): string {
  const folder = join(dataDir, 'backfill');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(`${environment}\n${path}`).digest('hex').slice(0, 16);
  return join(folder, `${name}.json`);
}

/** How often the drain of a directory without a server is looked at. */
const DRAIN_POLL_MILLIS = 500;
/** A destination that moves nothing for so long is left to the next start. */
const DRAIN_STUCK_MILLIS = 60_000;

/** Takes the directory for the time of the backfill, and delivers before giving it back. */
async function withoutServer(
  config: Config,
  io: CommandIo,
  read: (accept: Accept, recorder: Recorder) => Promise<BackfillSummary>,
): Promise<BackfillSummary> {
  const engine = await startEngine(config, { log: io.log, now: io.now });
  try {
    const summary = await read(engine.accept, engine.recorder);
    io.out('No server is running here: delivering what was read. Interrupt at any time; the next start goes on.\n');
    let before = '';
    let movedAt = io.now();
    while (!io.interrupted.aborted && engine.failure() === undefined) {
      const { path } = await engine.status();
      const left = path.destinations.map(({ backlogRows }) => backlogRows);
      if (path.deliveries.rows === 0 && path.openRequests === 0 && left.every((rows) => rows === 0)) break;
      const present = JSON.stringify([path.deliveries.rows, path.openRequests, left]);
      if (present !== before) movedAt = io.now();
      before = present;
      if (io.now() - movedAt > DRAIN_STUCK_MILLIS) {
        io.out('A destination does not take what is left; it goes on at the next start of the server.\n');
        break;
      }
      await sleep(DRAIN_POLL_MILLIS, undefined, { signal: io.interrupted }).catch(() => {});
    }
    return summary;
  } finally {
    await engine.close(config.limits.shutdownMillis);
  }
}

function showSummary(summary: BackfillSummary): string {
  const seconds = summary.durationMillis / 1000;
  const lines = [
    `${summary.interrupted ? 'Interrupted; call it again to go on' : 'Done'}${summary.resumed ? ' (went on from an earlier run)' : ''}: ` +
      `${summary.events} events of ${summary.files} of ${summary.filesTotal} files in ${formatDuration(summary.durationMillis)}` +
      (seconds > 0 ? `, ${Math.round(summary.events / seconds)}/s` : ''),
    ...(summary.refused > 0 ? [`${summary.refused} lines were refused; the first of each kind:`] : []),
    ...firstOfEach(summary.refusedLines)
      .slice(0, MAX_LISTED)
      .map(({ path, line, code, message }) => `  ${path}:${line} ${code}: ${message}`),
    ...(summary.problemCount > 0 ? [`${summary.problemCount} files could not be read to their end:`] : []),
    ...summary.problems.slice(0, MAX_LISTED).map(({ path, code }) => `  ${path} ${code}`),
    ...(summary.skippedCount > 0 ? [`${summary.skippedCount} paths were not read at all`] : []),
  ];
  return `${lines.map(escapeText).join('\n')}\n`;
}

/** One line for each file and reason: a file of the wrong kind is wrong in every line for the same one. */
const firstOfEach = (lines: BackfillSummary['refusedLines']): BackfillSummary['refusedLines'] =>
  [...new Map(lines.toReversed().map((line) => [`${line.code} ${line.path}`, line])).values()].toReversed();

/** The rest is counted; a page of them says enough. */
const MAX_LISTED = 10;
