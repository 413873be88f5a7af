import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { destinationCursor, openStreamFile } from '@aisix-observability/pipeline';
import type { Config } from '../../config/config.ts';
import { formatDuration } from '../../config/units.ts';
import type { ControlClient } from '../../control/controlClient.ts';
import type { ServerStatus } from '../../index.ts';
import { escapeText } from '../../telemetry/log.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { readConfig } from '../readConfig.ts';
import { withControl } from '../withControl.ts';
import { type Assembled, createSearch, type Fate, fateOf } from './follow.ts';
import { type ChangeTests, testChanges } from './testChanges.ts';
import { type TestInput, testInputs } from './testInputs.ts';
import { createTestRequest, TEST_ID_PREFIX, TEST_USER_AGENT, type TestRequest } from './testRequest.ts';

/** One input with what has become of its request so far. */
interface Trial {
  readonly input: TestInput;
  readonly request: TestRequest;
  readonly error?: string;
  assembled?: Assembled;
  assembledAfter?: number;
  readonly fates: Map<string, Fate>;
}

/** How often the streams and destinations are looked at. */
const POLL_MILLIS = 250;

/**
 * Sends one marked request through every configured input and watches each arrive at every destination, and a change that
 * never happened to every output of changes.
 */
export async function sendTest(options: { config?: string }, io: CommandIo): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  return withControl(config, async (client) => {
    const before = await client.get<ServerStatus>('/status');
    const { inputs, skipped } = testInputs(config, before.ingest, client.accept, io.now);
    const trials: Trial[] = [];
    for (const input of inputs) {
      const request = createTestRequest(io.now(), (bytes) => randomBytes(bytes).toString('hex'));
      const error = await input.send(request).then(() => undefined, messageOf);
      trials.push({ input, request, fates: new Map(), ...(error === undefined ? {} : { error }) });
      io.out(
        `${input.name}: ${error === undefined ? `taken, ${request.requestId}` : `NOT TAKEN, ${error}`}\n`.replace(
          /[^\n]+/,
          escapeText,
        ),
      );
    }
    for (const { name, reason } of skipped) io.out(`${name}: skipped, ${reason}\n`);
    io.out(
      `\nWaiting up to ${formatDuration(config.limits.sendTestMillis)} for them to be assembled and delivered…\n\n`,
    );
    const testing = config.audit === undefined ? undefined : testChanges(client);
    await follow(trials, before, client, config, io);
    const changes = (await testing) ?? NO_CHANGES;
    const report = showTrials(trials, config, changes);
    io.out(report.text);
    return report.passed ? EXIT.ok : EXIT.failed;
  });
}

const NO_CHANGES: ChangeTests = { lines: [], passed: true };

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'unknown error');

const isOpen = ({ error, assembled, fates }: Trial): boolean =>
  error === undefined && (assembled === undefined || [...fates.values()].some(({ kind }) => kind === 'waiting'));

/** Looks until everything is settled, the time is over or the user has seen enough. */
async function follow(
  trials: readonly Trial[],
  before: ServerStatus,
  client: ControlClient,
  config: Config,
  io: CommandIo,
): Promise<void> {
  const startedAt = io.now();
  const deadline = startedAt + config.limits.sendTestMillis;
  const file = openStreamFile(join(config.dataDir, 'requests.db'), { readOnly: true });
  try {
    const search = createSearch(file, before.path.requests.lastSeq);
    for (;;) {
      const wanted = trials.filter((trial) => trial.error === undefined && trial.assembled === undefined);
      for (const found of search(new Set(wanted.map(({ request }) => request.requestId)))) {
        const trial = wanted.find(({ request }) => request.requestId === found.request.requestId);
        if (trial === undefined) continue;
        trial.assembled ??= found;
        trial.assembledAfter ??= io.now() - startedAt;
      }
      const { path } = await client.get<ServerStatus>('/status');
      for (const settings of config.destinations) {
        const cursor = file.cursors.get(destinationCursor(settings.name)) ?? 0;
        const healthOf = (status: ServerStatus['path']) =>
          status.destinations.find(({ name }) => name === settings.name);
        for (const trial of trials) {
          if (trial.assembled === undefined) continue;
          trial.fates.set(
            settings.name,
            fateOf(trial.assembled, cursor, settings, healthOf(before.path), healthOf(path)),
          );
        }
      }
      if (!trials.some(isOpen) || io.now() >= deadline || io.interrupted.aborted) return;
      await sleep(POLL_MILLIS, undefined, { signal: io.interrupted }).catch(() => {});
    }
  } finally {
    await file.close();
  }
}

function showTrials(trials: readonly Trial[], config: Config, changes: ChangeTests): { text: string; passed: boolean } {
  let { passed } = changes;
  const lines: string[] = [];
  for (const { input, request, error, assembled, assembledAfter = 0, fates } of trials) {
    if (error !== undefined) {
      passed = false;
      continue;
    }
    lines.push(`${input.name} (${request.requestId})`);
    if (assembled === undefined) {
      passed = false;
      lines.push(`  NOT ASSEMBLED within ${formatDuration(config.limits.sendTestMillis)}`);
      continue;
    }
    lines.push(`  assembled after ${formatDuration(assembledAfter)}`);
    for (const [name, fate] of fates) {
      if (fate.kind === 'waiting' || fate.kind === 'refused') passed = false;
      lines.push(`  ${name}: ${FATE_WORDS[fate.kind]}${'reason' in fate ? `, ${fate.reason}` : ''}`);
    }
  }
  lines.push(
    ...changes.lines,
    '',
    passed ? verdict(config) : 'Something does not work; see above.',
    `Test requests have a request id that starts with ${TEST_ID_PREFIX} and the user agent ${TEST_USER_AGENT}.`,
  );
  return { text: `${lines.map(escapeText).join('\n')}\n`, passed };
}

const verdict = ({ destinations }: Config): string =>
  destinations.length > 0
    ? 'Every input and every destination works.'
    : 'Every input works. No destination is configured, so nothing was sent anywhere: set OTEL_EXPORTER_OTLP_ENDPOINT or `destinations`.';

const FATE_WORDS: Readonly<Record<Fate['kind'], string>> = {
  delivered: 'delivered',
  not_meant: 'left out',
  waiting: 'NOT DELIVERED in time',
  refused: 'NOT DELIVERED',
};
