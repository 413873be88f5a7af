import { resolve } from 'node:path';
import type { Config, InputsConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatDuration, formatSize } from '../config/units.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';

/** Reads a configuration file and says what it means, or everything that is wrong with it. Starts nothing. */
export async function check(file: string, io: CommandIo): Promise<ExitCode> {
  const path = resolve(io.cwd, file);
  const { config, warnings } = await loadConfig(path, io.env);
  io.out(`${path} is valid.\n\n${summary(config)}`);
  if (warnings.length > 0) io.out(`\n${warnings.map((warning) => `warning: ${warning}`).join('\n')}\n`);
  return EXIT.ok;
}

function summary(config: Config): string {
  const { ingest, api, limits } = config;
  const listener = (of: Config['ingest']) =>
    `${of.tls === undefined ? 'http' : of.tls.clientCaFile === undefined ? 'https' : 'https, client certificates'} on ${of.host} port ${of.port}`;
  const rows = [
    ['data', config.dataDir],
    ['ingest', listener(ingest)],
    ['api', listener(api)],
    ['environments', config.environments.map(({ id, name }) => (id === name ? id : `${name} (${id})`)).join(', ')],
    ['inputs', inputNames(config.inputs).join(', ') || 'none'],
    [
      'destinations',
      config.destinations.map(({ name, url }) => `${name} (${new URL(url).origin})`).join(', ') || 'none',
    ],
    ['changes', changeNames(config)],
    ['streams', `${formatSize(limits.streamBytes)} each, requests kept ${formatDuration(limits.requestsAgeMillis)}`],
    ['own telemetry', config.telemetry.endpoint === '' ? 'off' : new URL(config.telemetry.endpoint).origin],
  ] as const;
  return rows.map(([name, value]) => `  ${name.padEnd(14)}${value}\n`).join('');
}

function changeNames({ audit, annotations }: Config): string {
  if (audit === undefined) return 'off';
  const feeds = [
    ...audit.webhooks.map(({ path }) => `webhook ${path}`),
    ...audit.watch.map(({ kind }) => kind),
    ...audit.poll.map(({ url }) => `poll ${new URL(url).host}`),
    ...(audit.agents.length === 0 ? [] : [`${audit.agents.length} agents`]),
  ];
  const targets = annotations.map(({ name, url }) => `${name} (${new URL(url).origin})`);
  return `from ${feeds.join(', ') || 'nowhere'}${targets.length === 0 ? '' : `, drawn at ${targets.join(', ')}`}`;
}

/** Names of the inputs that are switched on. */
export function inputNames({ objectStore, followBuckets, otlp, telemetry }: InputsConfig): string[] {
  return [
    ...(objectStore === undefined ? [] : ['object_store']),
    ...(followBuckets.length === 0 ? [] : ['follow_bucket']),
    ...(otlp === undefined ? [] : ['otlp']),
    ...(telemetry === undefined ? [] : ['telemetry']),
  ];
}
