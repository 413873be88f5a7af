import type { StreamStats } from '@aisix-observability/pipeline';
import { formatDuration, formatSize } from '../config/units.ts';
import type { ServerStatus } from '../index.ts';
import { escapeText } from '../telemetry/log.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { readConfig } from './readConfig.ts';
import { urlOf } from './start.ts';
import { changesLines } from './statusChanges.ts';
import { withControl } from './withControl.ts';

/** Shows how the running server does. */
export async function status(options: { config?: string; json?: boolean }, io: CommandIo): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  const present = await withControl(config, (client) => client.get<ServerStatus>('/status'));
  const names = new Map(config.environments.map(({ id, name }) => [id, name]));
  io.out(options.json === true ? `${JSON.stringify(present, undefined, 2)}\n` : showStatus(present, names, io.now()));
  return EXIT.ok;
}

/** `1 delivery`, `2 deliveries`. */
const counted = (count: number, word: string): string =>
  `${count} ${count === 1 ? word : word.replace(/y$/, 'ie').concat('s')}`;

/** Beyond it a clock is off: usage events carry truncated seconds and wait up to a second for their batch. */
const CLOCK_OFF_MILLIS = 2000;

/** The status as a page of text; ids and names in it come from outside. */
export function showStatus(status: ServerStatus, environments: ReadonlyMap<string, string>, now: number): string {
  const { path, store } = status;
  const ago = (at: number | undefined) => (at === undefined ? 'never' : `${formatDuration(Math.max(0, now - at))} ago`);
  const stream = (stats: StreamStats) =>
    stats.rows === 0
      ? 'empty'
      : `${formatSize(stats.bytes)} in ${stats.rows} rows${stats.oldestAt === undefined ? '' : `, oldest ${ago(stats.oldestAt)}`}`;
  const lines = [
    `state       ${status.state}, version ${status.version}, started ${ago(status.startedAt)}`,
    `ingest      ${urlOf(status.ingest)}`,
    `api         ${urlOf(status.api)}`,
    `deliveries  ${stream(path.deliveries)}`,
    `requests    ${stream(path.requests)}, ${path.openRequests} open`,
    ...(store === undefined
      ? ['store       none: requests cannot be asked for']
      : [
          `store       ${counted(store.requests, 'request')}, ${formatSize(store.bytes)} on disk, oldest ${ago(store.oldest)}; behind ${counted(Math.max(0, path.requests.lastSeq - store.position), 'row')}`,
        ]),
    ...(path.freshnessSeconds === undefined ? [] : [`freshness   ${path.freshnessSeconds.toFixed(1)} s`]),
    '',
    'inputs',
    ...(status.inputs.length === 0 ? ['  nothing arrived yet'] : []),
    ...status.inputs.map(
      ({ input, events, deliveries, lastReceivedAt }) =>
        `  ${input.padEnd(14)}${counted(events, 'event')} in ${counted(deliveries, 'delivery')}, last ${ago(lastReceivedAt)}`,
    ),
    ...status.clockOffsets
      .filter(({ millis }) => Math.abs(millis) > CLOCK_OFF_MILLIS)
      .map(
        ({ environment, dataPlane, millis }) =>
          `  clock of ${dataPlane || 'a data plane'} in ${environments.get(environment) ?? environment}: ${(millis / 1000).toFixed(1)} s ${millis < 0 ? 'ahead' : 'behind, or its data is late'}`,
      ),
    '',
    'destinations',
    ...(path.destinations.length === 0 ? ['  none: requests are kept, and no spans are sent'] : []),
    ...path.destinations.flatMap((destination) => {
      const { name, origin, state, delivered, backlogRows, backlogBytes, lastSuccessAt, lastError } = destination;
      const { nextTryAt, resends } = destination;
      const fresh = path.freshnessByDestination?.[name];
      const aside = Object.entries(destination.setAside).filter(([, rows]) => rows > 0);
      return [
        `  ${name.padEnd(14)}${state}, ${origin}`,
        `    delivered ${delivered} spans, last ${ago(lastSuccessAt)}; behind ${backlogRows} requests (${formatSize(backlogBytes)})`,
        ...(fresh === undefined ? [] : [`    there ${fresh.toFixed(1)} s after the end of a request`]),
        ...(destination.rejected > 0 ? [`    rejected by the backend: ${destination.rejected}`] : []),
        ...(aside.length > 0
          ? [`    set aside: ${aside.map(([reason, rows]) => `${rows} ${reason}`).join(', ')}`]
          : []),
        ...(lastError === undefined ? [] : [`    last error ${ago(lastError.at)}: ${lastError.message}`]),
        ...(lastError?.hint === undefined ? [] : [`      ${lastError.hint}`]),
        ...(nextTryAt === undefined ? [] : [`    tried again in ${formatDuration(Math.max(0, nextTryAt - now))}`]),
        ...resends.map(
          ({ from, to, rows }) => `    resending ${instant(from)} to ${instant(to)}: ${rows} requests so far`,
        ),
      ];
    }),
    ...changesLines(status, environments, ago),
    ...(path.gaps.length === 0 ? [] : ['', 'gaps (fill with `resend`)']),
    ...path.gaps.map(
      ({ reader, from, to, rows, reason }) =>
        `  ${reader}: ${instant(from)} to ${instant(to)}, ${rows} requests (${reason})`,
    ),
  ];
  return `${lines.map(escapeText).join('\n')}\n`;
}

const instant = (millis: number): string => new Date(millis).toISOString();
