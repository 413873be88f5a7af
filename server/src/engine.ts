import type { Accept } from '@aisix-observability/collector-exporter';
import type { StoreStats } from '@aisix-observability/evidence';
import { type Log, openStreamFile, type Recorder } from '@aisix-observability/pipeline';
import { type AuditThread, startAuditThread } from './audit/auditThread.ts';
import type { AuditStatus } from './audit/status.ts';
import type { Config } from './config/config.ts';
import { withRedactionKey } from './config/redactionKeyFile.ts';
import { type DataDir, openDataDir } from './dataDir/dataDir.ts';
import { createAccept } from './ingest/accept.ts';
import { type ClockOffset, createClockOffsets } from './ingest/clockOffsets.ts';
import { createInputTally, type InputStatus } from './ingest/inputTally.ts';
import type { TelemetryPath, TelemetryPathStatus } from './ingest/pathContract.ts';
import { refreshGauges } from './ingest/streamGauges.ts';
import { createTrimmer } from './ingest/trim.ts';
import { startTelemetryPath } from './path/telemetryPath.ts';
import { createResender } from './resend.ts';
import { isStreamOfRequestsLost } from './store/lostStream.ts';
import { type RequestStore, startRequestStore } from './store/requestStore.ts';
import { joinExpositions } from './telemetry/exposition.ts';
import { METRIC_BOUNDARIES, METRIC_HELP } from './telemetry/metricHelp.ts';
import { createMetrics } from './telemetry/recorder.ts';
import { VERSION } from './telemetry/resource.ts';

export type StartTelemetryPath = (options: {
  readonly dataDir: string;
  readonly config: Config;
  readonly log: Log;
  readonly requestsAfter?: number | undefined;
  readonly onStopped: (cause: Error) => void;
}) => Promise<TelemetryPath>;

export type StartRequestStore = typeof startRequestStore;

export type StartAuditThread = typeof startAuditThread;

export interface EngineDeps {
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly startTelemetryPath?: StartTelemetryPath | undefined;
  readonly startRequestStore?: StartRequestStore | undefined;
  readonly startAuditThread?: StartAuditThread | undefined;
}

/** What the engine says of itself. */
export interface EngineStatus {
  readonly inputs: readonly InputStatus[];
  readonly clockOffsets: readonly ClockOffset[];
  readonly path: TelemetryPathStatus;
  /** Absent without a store. */
  readonly store?: StoreStats;
  /** Absent where changes are not received. */
  readonly audit?: AuditStatus;
}

/** The server without its listeners: the data directory, the stream of deliveries, the telemetry path. */
export interface Engine {
  /** As it was given, with the key of hashed values in place. */
  readonly config: Config;
  readonly dataDir: DataDir;
  readonly accept: Accept;
  readonly recorder: Recorder;
  /** Absent where the configuration says `store: { driver: none }`. */
  readonly store: RequestStore | undefined;
  /** Absent where the configuration has no section `audit`. */
  readonly audit: AuditThread | undefined;
  /** Set when the telemetry path stopped on its own. */
  failure(): Error | undefined;
  readonly failed: Promise<Error>;
  status(): Promise<EngineStatus>;
  metricsText(): Promise<string>;
  resend: TelemetryPath['resend'];
  /** Drains until the deadline (milliseconds from now), then stops and gives the directory back. */
  close(deadlineMillis: number): Promise<void>;
}

/** `/metrics` answers without the path's part rather than late. */
const PATH_METRICS_TIMEOUT_MILLIS = 5000;

/**
 * Opens the data directory and starts the telemetry path on it.
 *
 * @throws ConfigError for the key of hashed values, DataDirError, or what the streams or the path throw; what was opened until then is closed again.
 */
export async function startEngine(given: Config, deps: EngineDeps): Promise<Engine> {
  const { log, now } = deps;
  const config = withRedactionKey(given, { log });
  await using undo = new AsyncDisposableStack();
  const dataDir = undo.adopt(openDataDir(config.dataDir), (dir) => dir.close());
  const metrics = undo.adopt(
    createMetrics({ thread: 'main', boundaries: METRIC_BOUNDARIES, help: METRIC_HELP, telemetry: config.telemetry }),
    (opened) => opened.close(),
  );
  const { recorder } = metrics;
  const file = undo.adopt(openStreamFile(dataDir.deliveries, { log, recorder, madeFor: 'longRows' }), (opened) =>
    opened.close(),
  );
  const stream = file.stream('deliveries', { maxBytes: config.limits.streamBytes });
  const clockOffsets = createClockOffsets();
  const tally = createInputTally();
  const failed = Promise.withResolvers<Error>();
  let failure: Error | undefined;

  const threads = {
    dataDir: dataDir.path,
    config,
    log,
    onStopped(cause: Error) {
      failure ??= cause;
      failed.resolve(cause);
    },
  };
  const isLost = isStreamOfRequestsLost(dataDir.path);
  // Both at once: most of a start is loading code.
  const startingStore =
    config.store.driver === 'none' ? undefined : (deps.startRequestStore ?? startRequestStore)(threads);
  // Heard below, where it is awaited: until then the path starts, and nobody listens yet.
  startingStore?.catch(() => undefined);
  undo.defer(async () => (await startingStore?.catch(() => undefined))?.close());
  const startingAudit = config.audit === undefined ? undefined : (deps.startAuditThread ?? startAuditThread)(threads);
  undo.defer(async () => (await startingAudit?.catch(() => undefined))?.close(0));
  const path = await (deps.startTelemetryPath ?? startTelemetryPath)({
    ...threads,
    // Without the store nobody can say what it knows: the milliseconds since 1970 are more than it ever counted.
    requestsAfter: isLost ? ((await startingStore)?.position() ?? now()) : undefined,
  });
  undo.defer(() => path.close(0).catch(() => {}));
  const store = await startingStore;
  const audit = await startingAudit;
  const trimmer = createTrimmer(stream, log);
  path.onAssembled(({ seq, requestsSeq }) => {
    trimmer.to(seq);
    store?.wake(requestsSeq);
  });
  if (store !== undefined) path.stored(store.position());
  store?.onApplied((seq) => path.stored(seq));
  audit?.onNames((names) => {
    store?.setNames(names).catch((error: unknown) => {
      log('warn', 'Names of caller keys and models could not be given to the store.', { error });
    });
  });
  const { refills } = path;
  const resender = store && refills && createResender({ path: { ...path, refills }, store, log });
  void resender?.goOn().catch((error: unknown) => log('warn', 'interrupted resends are not known', { error }));
  // What an earlier run accepted and did not finish.
  path.wake(stream.stats().lastSeq);

  const keep = createAccept({ stream, recorder, clockOffsets, onStored: (seq) => path.wake(seq) });
  recorder.gauge('aisix_start_time_seconds', now() / 1000);
  recorder.gauge('aisix_build_info', 1, { version: VERSION });
  undo.move();

  return {
    config,
    dataDir,
    recorder,
    store,
    audit,
    async accept(delivery) {
      await keep(delivery);
      tally.add(delivery);
    },
    failure: () => failure,
    failed: failed.promise,
    async status() {
      const [pathStatus, storeStats, auditStatus] = await Promise.all([path.status(), store?.stats(), audit?.status()]);
      return {
        inputs: tally.inputs(),
        clockOffsets: clockOffsets.offsets(),
        path: pathStatus,
        ...(storeStats !== undefined && { store: storeStats }),
        ...(auditStatus !== undefined && { audit: auditStatus }),
      };
    },
    async metricsText() {
      refreshGauges({ stream, limitBytes: config.limits.streamBytes, clockOffsets, recorder, now });
      return joinExpositions(
        await Promise.all([
          metrics.metricsText(),
          withTimeout(path.metricsText()),
          ...(store === undefined ? [] : [withTimeout(store.metricsText())]),
          ...(audit === undefined ? [] : [withTimeout(audit.metricsText())]),
        ]),
      );
    },
    resend: resender?.resend ?? ((destination, range) => path.resend(destination, range)),
    async close(deadlineMillis) {
      const stopped = (what: string) => (error: unknown) => log('error', what, { error });
      await Promise.all([
        path
          .close(deadlineMillis)
          .catch(stopped('The telemetry path did not stop cleanly; it resumes from its streams at the next start.')),
        audit
          ?.close(deadlineMillis)
          .catch(stopped('The audit bridge did not stop cleanly; it resumes from the ledger at the next start.')),
      ]);
      // The path has appended all that it will: what is there is loaded, so that the next start shows it at once.
      await store?.close().catch((error: unknown) => {
        log('error', 'The store did not stop cleanly; it resumes from the stream at the next start.', { error });
      });
      await trimmer.idle();
      await file.close();
      await metrics.close().catch((error: unknown) => log('warn', 'The last metrics could not be pushed.', { error }));
      dataDir.close();
    },
  };
}

/** Empty when the path does not answer in time, or not at all. */
async function withTimeout(text: Promise<string>): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(''), PATH_METRICS_TIMEOUT_MILLIS);
  try {
    return await Promise.race([text.catch(() => ''), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
