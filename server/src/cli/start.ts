import type { Config } from '../config/config.ts';
import { LOCAL_BUCKET, localCredentialsFile } from '../config/zeroConfig.ts';
import { type Address, type RunningServer, startServer } from '../index.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { readConfig } from './readConfig.ts';

/** Runs the server until a signal, or until it can no longer do its work. */
export async function start(options: { config?: string }, io: CommandIo): Promise<ExitCode> {
  const { config, warnings, file } = await readConfig(options.config, io, { makeCredentials: true });
  for (const warning of warnings) io.log('warn', warning);
  const server = await startServer(config, { log: io.log, now: io.now });
  io.log('info', 'The server is ready.', {
    ingest: urlOf(server.ingest),
    api: urlOf(server.api),
    data_dir: config.dataDir,
  });
  if (file === undefined) io.out(howToPoint(config, server));

  const cause = await Promise.race([server.failed, aborted(io.interrupted)]);
  if (cause !== undefined)
    io.log('error', 'The telemetry path stopped on its own; the server stops too.', { error: cause });
  else io.log('info', 'Stopping: what was accepted is on disk and goes on at the next start.');
  await server.close();
  io.log('info', 'Stopped.');
  return cause === undefined ? EXIT.ok : EXIT.failed;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

export const urlOf = ({ scheme, host, port }: Address): string =>
  `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** For a first try: where things are, and what to set at a gateway on this machine. */
function howToPoint(config: Config, server: RunningServer): string {
  const ingest = urlOf(server.ingest);
  const destinations = config.destinations.map(({ name, url }) => `${name} (${new URL(url).origin})`).join(', ');
  return `
No configuration file: listening on this machine only, for the environment "default".

  ingest        ${ingest}
  api           ${urlOf(server.api)}   (/metrics, /status)
  data          ${config.dataDir}
  destinations  ${destinations || 'none: set OTEL_EXPORTER_OTLP_ENDPOINT, or write a configuration file'}

Point a gateway on this machine here; the secrets stand in
${localCredentialsFile(config.dataDir)}

  object_store exporter  endpoint ${ingest}, bucket ${LOCAL_BUCKET}, region us-east-1, access key "local"
  otlp_http exporter     endpoint ${ingest}/v1/traces, header authorization: Bearer <token>

In another terminal: \`pnpm send-test\` sends a test request through every input, \`pnpm status\` shows how the server
does. Ctrl-C stops it; what was accepted is kept. How to set up a gateway: docs/inputs.md.

`;
}
