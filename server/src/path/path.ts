import { join } from 'node:path';
import { createRequestMetrics, DEFAULT_PATIENCE, startAssembleStream } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { type Log, openStreamFile, type Recorder } from '@aisix-observability/pipeline';
import type { Config } from '../config/config.ts';
import type { TelemetryPathStatus } from '../ingest/pathContract.ts';
import { type OpenDestination, openDestinations } from './destinations.ts';
import { UnknownDestinationError } from './errors.ts';
import { createFreshness } from './freshness.ts';
import { createRefills, type Refills } from './refill.ts';
import { trimmableTo } from './retention.ts';

/** How often rows that nobody needs are looked for. */
const TRIM_INTERVAL_MILLIS = 5_000;

export interface PathOptions {
  readonly dataDir: string;
  readonly config: Config;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Where a stream of requests that is made now begins: the store knows positions up to here. */
  readonly requestsAfter?: number | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** The last delivery that no open request needs any more, and the last request appended. */
  readonly onAssembled: (progress: { readonly seq: number; readonly requestsSeq: number }) => void;
  /** Assembly ended though nobody closed the path: nothing that arrives from now on would be delivered. */
  readonly onFailed: (cause: Error) => void;
}

/** Deliveries to requests to destinations, in one thread. */
export interface Path {
  wake(): void;
  /** Requests up to this position are in the store; at first, where it stands at the start. */
  stored(seq: number): void;
  readonly refills: Refills;
  /** Sets what is a state and no event; called whenever somebody is about to look. */
  refreshGauges(): void;
  status(): TelemetryPathStatus;
  resend(destination: string, range: { from: number; to: number }): Promise<{ rows: number; items: number }>;
  /** Assembles and delivers what is there until the deadline, then stops. */
  close(deadlineMillis: number): Promise<void>;
}

/**
 * Opens the streams of a data directory (deliveries for reading, requests for writing) and starts the work on them.
 *
 * @throws StreamFileError when a file cannot be opened, or what a destination's settings are refused with.
 */
export function openPath(options: PathOptions): Path {
  const { config, recorder, log, now } = options;
  using undo = new DisposableStack();
  const deliveriesFile = openStreamFile(join(options.dataDir, 'deliveries.db'), { readOnly: true, log, recorder });
  undo.defer(() => void deliveriesFile.close());
  const file = openStreamFile(join(options.dataDir, 'requests.db'), { log, recorder });
  undo.defer(() => void file.close());
  const deliveries = deliveriesFile.stream('deliveries');
  const requests = file.stream('requests', { newAfter: options.requestsAfter ?? 0 });
  const refill = file.stream('refill');
  const freshness = createFreshness(recorder, now);
  const recordRequest = createRequestMetrics(recorder, {
    environmentNames: new Map(config.environments.map(({ id, name }) => [id, name])),
  });

  const destinations: readonly OpenDestination[] = openDestinations({
    config,
    dataDir: options.dataDir,
    stream: requests,
    refill,
    cursors: file.cursors,
    recorder,
    log,
    freshness,
  });
  const assembly = startAssembleStream({
    deliveries,
    file,
    requests,
    patience: {
      ...DEFAULT_PATIENCE,
      feedGraceMillis: config.limits.feedGraceMillis,
      failedGraceMillis: config.limits.failedGraceMillis,
    },
    recorder,
    log,
    now,
    onDurable: ({ resumeAfter, lastSeq }) => options.onAssembled({ seq: resumeAfter, requestsSeq: lastSeq }),
    onCommitted() {
      for (const { destination } of destinations) destination.wake();
    },
    onFinal(request: GatewayRequest) {
      freshness.assembled(request);
      recordRequest(request);
    },
  });

  void assembly.failed.then(options.onFailed);

  /** What the store has not read must stay; without a store nobody else reads. */
  let storedTo = config.store.driver === 'none' ? Number.POSITIVE_INFINITY : -1;
  const refills = createRefills({
    file,
    requests,
    refill,
    destinations,
    now,
    keepMillis: config.retention.requestsMillis,
  });
  let trimming = Promise.resolve();
  const trim = async (): Promise<void> => {
    const unread = destinations.map(({ cursorName }) => file.cursors.get(cursorName) ?? 0);
    const to = trimmableTo(requests, {
      since: now() - config.limits.requestsAgeMillis,
      bytes: config.limits.streamBytes,
      unread: Math.min(...unread, storedTo, requests.stats().lastSeq),
    });
    if (to > 0) await requests.trimTo(to);
  };
  const timer = setInterval(() => {
    trimming = trimming.then(trim).catch((error: unknown) => {
      log('warn', 'the stream of requests could not be trimmed, trying again', { error });
    });
  }, TRIM_INTERVAL_MILLIS);
  undo.move();

  /** Nobody waits for a destination in trouble: its rows stay, and while the server stops senders are turned away. */
  const delivered = (): boolean =>
    destinations.every(({ destination }) => {
      const { backlogRows, state } = destination.health();
      return backlogRows === 0 || state === 'retrying' || state === 'blocked';
    });

  return {
    wake: () => assembly.wake(),
    refills,
    stored(seq) {
      if (storedTo < 0) refills.storeAt(seq);
      storedTo = Math.max(storedTo, seq);
    },
    refreshGauges() {
      const { rows, bytes, oldestAt } = requests.stats();
      const labels = { stream: 'requests' };
      recorder.gauge('aisix_stream_rows', rows, labels);
      recorder.gauge('aisix_stream_bytes', bytes, labels);
      const age = oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1_000;
      recorder.gauge('aisix_stream_age_seconds', age, labels);
    },
    status: () => ({
      openRequests: assembly.openRequests,
      assembled: { ...assembly.counts },
      assemblyPosition: assembly.position,
      deliveries: deliveries.stats(),
      requests: requests.stats(),
      destinations: destinations.map(({ destination }) => ({ ...destination.health() })),
      gaps: file.cursors.gaps(),
      ...freshness.status(),
    }),
    async resend(name, range) {
      const found = destinations.find(({ destination }) => destination.name === name);
      if (found === undefined) throw new UnknownDestinationError(destinations.map((one) => one.destination.name));
      const { rows, items } = await found.destination.resend(range);
      return { rows, items };
    },
    async close(deadlineMillis) {
      const deadline = now() + deadlineMillis;
      clearInterval(timer);
      while (now() < deadline && assembly.position < deliveries.stats().lastSeq) await pause();
      await assembly.close();
      while (now() < deadline && !delivered()) await pause();
      await Promise.all(destinations.map(({ destination }) => destination.close(Math.max(0, deadline - now()))));
      await trimming;
      await file.close();
      await deliveriesFile.close();
    },
  };
}

/** Between looks while draining. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
