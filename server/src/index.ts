import type { Log } from '@aisix-observability/pipeline';
import { silentLog } from '@aisix-observability/pipeline';
import { ownerReader } from './api/owner.ts';
import { createRequestsApi } from './api/requestsApi.ts';
import { changeSource } from './audit/changes.ts';
import { markerSource } from './audit/markers.ts';
import { type AuditReceivers, createAuditReceivers } from './audit/receivers.ts';
import type { Config } from './config/config.ts';
import { controlApp } from './control/controlApp.ts';
import { socketAddress, startControlSocket } from './control/controlSocket.ts';
import { type EngineStatus, type StartTelemetryPath, startEngine } from './engine.ts';
import { createIdentify } from './identity/identify.ts';
import { createFollowers, type FollowerStatus } from './ingest/followers.ts';
import { createReceivers } from './ingest/receivers.ts';
import { createRefusedJournal } from './ingest/refusedJournal.ts';
import { createInvestigations } from './investigate/investigations.ts';
import { createJudge } from './investigate/judge.ts';
import { apiApp, ingestApp, type ServerState } from './listen/apps.ts';
import { type Listener, startListener } from './listen/httpServer.ts';
import { createInFlight } from './listen/inFlight.ts';
import { VERSION } from './telemetry/resource.ts';
import { startSelfTraces } from './telemetry/selfTraces.ts';
import { startVerdicts, type Verdicts } from './verdicts/verdicts.ts';

export type { Gap, Marker } from './api/contract/answers.ts';
export { gatewayRequest as gatewayRequestSchema } from './api/contract/request.ts';
export { API_ERRORS, type ApiErrorCode } from './api/errors.ts';
export { API_LIMITS, type RunLimits } from './api/limits.ts';
export { ownerReader } from './api/owner.ts';
export type { EnvironmentName } from './api/query/environments.ts';
export { createRequestsApi, type RequestsApi, type RequestsApiOptions } from './api/requestsApi.ts';
export type { ChangeSource, ChangesQuery } from './api/routes/changes.ts';
export type { Investigations, RequestQuestion } from './api/routes/investigations.ts';
export type { MarkerSource, MarkersQuery } from './api/routes/markers.ts';
export { AUDIT_METRIC_HELP } from './audit/metricHelp.ts';
export type { AuditStatus, FeedStatus, OutputTests } from './audit/status.ts';
export type { Config } from './config/config.ts';
export { LIMITS } from './config/limits.ts';
export { loadConfig } from './config/load.ts';
export { configFrom, type ParsedConfig, parseConfig } from './config/parse.ts';
export { ConfigError, type ConfigProblem } from './config/problem.ts';
export { type ControlClient, createControlClient } from './control/controlClient.ts';
export { controlSocketOf } from './dataDir/dataDir.ts';
export type { IdentityEnv } from './identity/identified.ts';
export type { Reader } from './identity/reader.ts';
export { API_ROUTES } from './identity/routes.ts';
export type { TelemetryPath, TelemetryPathStatus } from './ingest/pathContract.ts';
export { apiApp } from './listen/apps.ts';

export { CONNECTION_FAULTS, LISTENER_ERRORS } from './listen/errors.ts';
export { STORE_METRIC_HELP } from './store/metricHelp.ts';
export { METRIC_HELP, SERVER_METRIC_HELP } from './telemetry/metricHelp.ts';

/** Where a listener really listens (the port is the chosen one when the configuration said 0). */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
}

/** What `status` shows. */
export interface ServerStatus extends EngineStatus {
  readonly version: string;
  readonly state: ServerState;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly ingest: Address;
  readonly api: Address;
  readonly followers: readonly FollowerStatus[];
}

export interface RunningServer {
  readonly ingest: Address;
  readonly api: Address;
  status(): Promise<ServerStatus>;
  /** Resolves with the cause when the server can no longer do its work; close it then. */
  readonly failed: Promise<Error>;
  /** Stops accepting, finishes what is in flight, drains until `limits.shutdown`, releases the data directory. */
  close(): Promise<void>;
}

/** What a test or the demo may replace. */
export interface ServerDeps {
  readonly log?: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly startTelemetryPath?: StartTelemetryPath;
}

/**
 * Starts the whole server in this process: data directory, streams, telemetry path, both listeners, control socket.
 *
 * @throws ConfigError for the key of hashed values, DataDirError, ListenError, or what a stream or the path throws; everything opened until then is closed.
 */
export async function startServer(config: Config, deps: ServerDeps = {}): Promise<RunningServer> {
  const { log = silentLog, now = Date.now } = deps;
  const startedAt = now();
  let state: ServerState = 'starting';
  await using undo = new AsyncDisposableStack();
  const traces = await startSelfTraces(config.telemetry);
  undo.defer(() => traces?.close());
  const engine = await startEngine(config, { log, now, startTelemetryPath: deps.startTelemetryPath });
  undo.defer(() => engine.close(0));
  const { recorder, accept } = engine;

  const inFlight = createInFlight();
  const apps = {
    state: () => (engine.failure() === undefined ? state : 'failed'),
    recorder,
    log,
    tracer: traces?.tracer,
  } as const;
  const receiverDeps = {
    accept,
    recorder,
    log,
    now,
    ...(config.inputs.keepRefused ? { keepRefused: createRefusedJournal(config.dataDir, log) } : {}),
  };
  const receivers = createReceivers(config, receiverDeps);
  const followers = createFollowers(config, receiverDeps);
  undo.defer(() => followers.close());
  const { audit } = engine;
  const events: AuditReceivers | undefined =
    audit && createAuditReceivers({ config: engine.config, observe: audit.observe, recorder, log, now });
  undo.defer(() => events?.close());
  const status = async (): Promise<ServerStatus> => ({
    version: VERSION,
    state: apps.state(),
    startedAt,
    ingest: addressOf(ingest),
    api: addressOf(api),
    followers: followers.status(),
    ...(await engine.status()),
  });
  const listen = async (name: 'ingest' | 'api', app: Parameters<typeof startListener>[3]) => {
    const listener = await startListener(name, config[name], config.limits, app, recorder);
    undo.defer(() => listener.close(0));
    return listener;
  };
  const ingest: Listener = await listen(
    'ingest',
    ingestApp(apps, [...(events?.apps ?? []), ...receivers], inFlight.middleware),
  );
  const { store } = engine;
  const judge = store && audit && createJudge(log);
  undo.defer(() => judge?.close());
  const requests = createRequestsApi({
    store,
    onApplied: store?.onApplied,
    environments: config.environments,
    markers: audit && markerSource(audit),
    changes: audit && changeSource(audit, engine.config),
    investigations:
      store &&
      createInvestigations({
        store,
        changes: audit,
        weighing: audit && judge && { store, changes: audit, judge },
        now,
      }),
    queryTimeoutMillis: config.limits.queryTimeoutMillis,
    now,
    recorder,
    log,
  });
  const api: Listener = await listen(
    'api',
    apiApp({
      ...apps,
      requests: requests.app,
      identify: createIdentify(config, { log, recorder, now }),
      metricsText: engine.metricsText,
      status,
    }),
  );
  const control = await startControl(engine.dataDir.controlSocket, {
    accept,
    resend: engine.resend,
    status,
    testChanges: audit && (() => audit.test(config.limits.sendTestMillis)),
    destinations: config.destinations.map(({ name }) => name),
    requests: { app: requests.app, reader: ownerReader(config.environments) },
  });
  undo.move();
  const verdicts: Verdicts | undefined =
    store &&
    audit &&
    judge &&
    startVerdicts({
      store,
      changes: audit,
      judge,
      environments: config.environments.map(({ id }) => id),
      log,
      recorder,
    });
  state = 'ready';
  followers.start();
  events?.start();

  async function startControl(path: string, options: Parameters<typeof controlApp>[0]) {
    const address = socketAddress(path);
    if (address === undefined) {
      log(
        'warn',
        'The path of the data directory is too long for a socket: commands beside this server cannot reach it.',
      );
      return undefined;
    }
    const socket = await startControlSocket(address, controlApp(options));
    undo.defer(() => socket.close());
    return socket;
  }

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const deadline = now() + config.limits.shutdownMillis;
    const left = () => Math.max(0, deadline - now());
    state = 'stopping';
    requests.stop();
    // New requests hear 503 until the very end: a refused connection says less than `Retry-After`.
    await Promise.all([inFlight.idle(left() / 2), followers.close()]);
    await events?.close();
    await control?.close();
    await verdicts?.close();
    await judge?.close();
    await engine.close(left());
    await Promise.all([ingest.close(Math.min(left(), CLOSE_MILLIS)), api.close(Math.min(left(), CLOSE_MILLIS))]);
    await traces?.close().catch((error: unknown) => log('warn', 'The last own spans could not be sent.', { error }));
  };
  return {
    ingest: addressOf(ingest),
    api: addressOf(api),
    status,
    failed: engine.failed,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Answers that are being written when everything else has stopped may take this long. */
const CLOSE_MILLIS = 500;

function addressOf({ host, port, scheme }: Listener): Address {
  return { host, port, scheme };
}
