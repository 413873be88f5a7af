import { silentLog } from '../observe/log.ts';
import { silentRecorder } from '../observe/recorder.ts';
import { checkLimits, checkName, checkRetry, checkUrl, requestHeaders } from './checkOptions.ts';
import { systemClock } from './clock.ts';
import type { DestinationHealth, DestinationState, ResendProgress } from './health.ts';
import { createHttpTransport } from './httpTransport.ts';
import { startLane } from './lane.ts';
import { HOUSEKEEPING_MILLIS, LAGGING_MILLIS, RESEND_IN_FLIGHT } from './limits.ts';
import { createLine } from './line.ts';
import { DESTINATION_METRICS } from './metrics.ts';
import type { DestinationOptions } from './options.ts';
import { createReader } from './reader.ts';
import { createResends, type ResendsOptions } from './resend.ts';
import { createTally } from './tally.ts';

/** One place that rows are delivered to; works from `createDestination` on until it is closed. */
export interface Destination {
  readonly name: string;
  /** Say that the stream grew. */
  wake(): void;
  health(): DestinationHealth;
  /**
   * Sends the rows of a time range again (of those, what the destination has come past already), beside the new
   * ones. Survives a restart. Gaps that it covered wholly are removed. Ranges wait for each other.
   *
   * @throws DestinationClosedError when the destination closes first; the next start goes on where it stopped.
   */
  resend(
    range: { readonly from: number; readonly to: number },
    onProgress?: (progress: ResendProgress) => void,
  ): Promise<{ readonly rows: number; readonly items: number }>;
  /**
   * Sends what the stream `refill` holds, beside everything else, and drops it there. Survives a restart: called again
   * it goes on. The range only names it in `health`.
   *
   * @throws DestinationClosedError when the destination closes first
   */
  refill(range: {
    readonly from: number;
    readonly to: number;
  }): Promise<{ readonly rows: number; readonly items: number }>;
  /** Takes no more rows, waits for the requests under way at most so long, saves the cursor. Waits that only serve a retry end at once. */
  close(deadlineMillis: number): Promise<void>;
}

const STATE_NUMBERS: Readonly<Record<DestinationState, number>> = { ok: 0, lagging: 1, retrying: 2, blocked: 3 };

/** The durable cursor of a destination, to be told to whoever trims the stream. */
export function destinationCursor(name: string): string {
  return `destination:${name}`;
}

/** @throws DestinationOptionsError */
export function createDestination<Item>(options: DestinationOptions<Item>): Destination {
  checkName(options.name);
  const { name, stream, cursors } = options;
  const url = checkUrl(options.endpoint.url);
  const headers = requestHeaders(options.endpoint);
  const limits = checkLimits(options.limits);
  const retry = checkRetry(options.retry);
  const clock = options.clock ?? systemClock;
  const recorder = options.recorder ?? silentRecorder;
  const log = options.log ?? silentLog;
  const labels = { destination: name };
  const cursor = destinationCursor(name);

  const transport =
    options.transport ??
    createHttpTransport({
      url,
      headers,
      timeoutMillis: options.endpoint.timeoutMillis,
      responseBytes: limits.responseBytes,
      sockets: limits.inFlight + RESEND_IN_FLIGHT,
      ...(options.endpoint.tls === undefined ? {} : { tls: options.endpoint.tls }),
    });
  const tally = createTally(labels, recorder);
  const line = createLine({
    name,
    transport,
    compression: options.endpoint.compression,
    retry,
    clock,
    random: options.random ?? Math.random,
    log,
  });
  const onFailed = (error: unknown) =>
    line.complain('cursor', 'error', 'the place of a destination cannot be saved', {
      destination: name,
      error: error instanceof Error ? error.message : 'unknown',
    });
  const common = {
    name,
    line,
    clock,
    limits,
    setAside: options.setAside,
    prepare: options.prepare.bind(options),
    serialize: options.serialize.bind(options),
  };

  const onDelivered = options.onDelivered?.bind(options);
  const measured = onDelivered === undefined ? {} : { onDelivered };
  const reader = createReader({
    reader: cursor,
    stream,
    cursors,
    clock,
    startAt: options.startAt ?? 'start',
    maxBacklogBytes: limits.maxBacklogBytes,
    startLane: (lane) =>
      startLane<Item>({ ...common, ...lane, ...measured, tally, inFlight: limits.inFlight, endless: true }),
    onMissed(reason, rows) {
      recorder.count(DESTINATION_METRICS.rowsMissed, rows, { ...labels, reason });
      log('error', 'destination lost its place; resend fills the gap', {
        ...labels,
        reason,
        rows,
      });
    },
    onFailed,
  });
  const again = {
    cursors,
    clock,
    newTally: () => createTally(labels, recorder, tally),
    startLane: (lane) => startLane<Item>({ ...common, ...lane, inFlight: RESEND_IN_FLIGHT, endless: false }),
    onFailed,
  } satisfies Partial<ResendsOptions>;
  const resends = createResends({ ...again, reader: cursor, stream, position: () => reader.position });
  const refills =
    options.refill &&
    createResends({ ...again, reader: `${cursor}:refill`, stream: options.refill, position: () => Infinity });

  const stateNow = (oldestAt: number | undefined, backlogBytes: number): DestinationState => {
    if (line.gate.state !== 'open') return line.gate.state;
    const late = oldestAt !== undefined && clock.now() - oldestAt > LAGGING_MILLIS;
    return late || backlogBytes > limits.maxBacklogBytes / 2 ? 'lagging' : 'ok';
  };

  const health = (): DestinationHealth => {
    const { counts } = tally;
    const { position } = reader;
    const oldestAt = reader.oldestAt();
    const backlogBytes = stream.bytesAfter(position);
    const { lastError, lastSuccessAt } = line;
    const { nextTryAt } = line.gate;
    return {
      name,
      origin: url.origin,
      state: stateNow(oldestAt, backlogBytes),
      requestsInFlight: line.requestsInFlight,
      backlogRows: Math.max(stream.stats().lastSeq - position, 0),
      backlogBytes,
      delivered: counts.delivered,
      rejected: counts.rejected,
      retried: counts.retried,
      setAside: { ...counts.setAside },
      skipped: { ...counts.skipped },
      unreadableResponses: counts.unreadable,
      gaps: cursors.gaps(cursor),
      resends: [...resends.progress, ...(refills?.progress ?? [])],
      ...(oldestAt === undefined ? {} : { oldestAt }),
      ...(lastError === undefined ? {} : { lastError }),
      ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
      ...(nextTryAt === undefined ? {} : { nextTryAt }),
    };
  };

  let cancelHousekeeping: (() => void) | undefined;
  const housekeep = () => {
    try {
      reader.checkBacklog();
      const now = health();
      recorder.gauge(DESTINATION_METRICS.backlogBytes, now.backlogBytes, labels);
      const age = now.oldestAt === undefined ? 0 : Math.max(clock.now() - now.oldestAt, 0) / 1_000;
      recorder.gauge(DESTINATION_METRICS.backlogSeconds, age, labels);
      recorder.gauge(DESTINATION_METRICS.state, STATE_NUMBERS[now.state], labels);
      recorder.gauge(DESTINATION_METRICS.gaps, now.gaps.length, labels);
    } catch (error) {
      onFailed(error);
    }
    cancelHousekeeping = clock.after(HOUSEKEEPING_MILLIS, housekeep);
  };
  housekeep();

  const shutDown = async (deadlineMillis: number): Promise<void> => {
    cancelHousekeeping?.();
    reader.stop();
    resends.stop();
    refills?.stop();
    line.gate.shut();
    const idle = Promise.all([reader.idle, resends.idle, refills?.idle]);
    const cancelDeadline = clock.after(deadlineMillis, () => {
      reader.abort();
      resends.abort();
      refills?.abort();
    });
    await idle;
    cancelDeadline();
    reader.flush();
    lastHealth = health();
    transport.close();
  };
  let closing: Promise<void> | undefined;
  // The stream may be closed after the destination, and status is still asked for.
  let lastHealth: DestinationHealth | undefined;

  return {
    name,
    wake: () => reader.wake(),
    health: () => lastHealth ?? health(),
    resend: (range, onProgress) => resends.add(range, onProgress),
    async refill(range) {
      if (options.refill === undefined || refills === undefined)
        throw new RangeError('there is no stream to refill from');
      const sent = await refills.add(range);
      await options.refill.trimTo(options.refill.stats().lastSeq);
      return sent;
    },
    close(deadlineMillis) {
      closing ??= shutDown(deadlineMillis);
      return closing;
    },
  };
}
