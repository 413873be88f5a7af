import type { ConfigChange } from '@aisix-observability/evidence';
import {
  type Clock,
  createDestination,
  createOccasionalLog,
  type Destination,
  type DestinationHealth,
  type DestinationOptions,
  destinationCursor,
  type Endpoint,
  type Log,
  openStreamFile,
  type Recorder,
  type SetAside,
  silentLog,
  silentRecorder,
  systemClock,
} from '@aisix-observability/pipeline';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { POLL_MILLIS } from './limits.ts';
import { type LogRecordSettings, type LogRow, logRecordsOf } from './logRecords.ts';
import { LOG_STREAM, type LoggedLedger, logRows, readLogRow } from './logRows.ts';
import type { OutputTest } from './outputTest.ts';

/** Encodings of OTLP over HTTP, by the names of `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export type LogProtocol = 'http/protobuf' | 'http/json';

const CONTENT_TYPES = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' } as const;

/** Where log events go. Its cursor, its set-aside file and its metrics are called `<name>.logs`. */
export interface LogDestination extends LogRecordSettings {
  readonly name: string;
  readonly protocol: LogProtocol;
  /** Full URL, with `/v1/logs`. */
  readonly endpoint: Omit<Endpoint, 'contentType'>;
  /** Ids; where there is a list, changes of others and of the whole organization do not go there. */
  readonly environments?: readonly string[];
  readonly limits?: DestinationOptions<ReadableLogRecord>['limits'];
}

export interface LogEventsOptions {
  /** Of the stream file; its directory must exist. */
  readonly path: string;
  readonly ledger: LoggedLedger;
  readonly destinations: readonly LogDestination[];
  readonly setAside: SetAside;
  /** How often the ledger's head is published, if it moved; also when it closes. Default five minutes. */
  readonly headMillis?: number;
  /** Delivered rows are kept so long, so that they can be sent again. Default a week. */
  readonly keepMillis?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly log?: Log;
  readonly recorder?: Recorder;
}

/** The changes of the ledger, and its head, as OpenTelemetry log events at any number of destinations. */
export interface LogEvents {
  wake(): void;
  /** Tells of a verdict that was just given to a change, which has it. */
  tellVerdict(change: ConfigChange, by: 'look' | 'person', at: number): void;
  /** Publishes the head now, if it moved since the last time. */
  publishHead(): void;
  health(): readonly DestinationHealth[];
  destination(name: string): Destination | undefined;
  /** Sends a change that never happened, and says what became of it until the deadline. */
  test(change: ConfigChange, deadlineMillis: number): Promise<readonly OutputTest[]>;
  close(deadlineMillis: number): Promise<void>;
}

const DEFAULT_HEAD_MILLIS = 5 * 60_000;
const DEFAULT_KEEP_MILLIS = 7 * 24 * 3_600_000;

/** Between looks at whether everything is out. */
const DRAIN_POLL_MILLIS = 20;

/** How often rows that nobody needs are looked for. */
const TRIM_INTERVAL_MILLIS = 60_000;

/** Body of one `POST /v1/logs`, by OpenTelemetry's own serialisers. */
export function createLogSerializer(protocol: LogProtocol): (records: readonly ReadableLogRecord[]) => Uint8Array {
  const serializer = protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer;
  return (records) => {
    const bytes = serializer.serializeRequest(records as ReadableLogRecord[]);
    // The type allows "could not"; both implementations always return bytes.
    if (bytes === undefined) throw new TypeError('the log serialiser returned nothing');
    return bytes;
  };
}

/** @throws StreamFileError when the file cannot be used, DestinationOptionsError on settings that cannot work. */
export function createLogEvents(options: LogEventsOptions): LogEvents {
  const { ledger, log = silentLog, recorder = silentRecorder, clock = systemClock } = options;
  using undo = new DisposableStack();
  const file = openStreamFile(options.path, { log, recorder });
  undo.defer(() => void file.close());
  const stream = file.stream(LOG_STREAM);
  const rows = logRows(file, ledger, () => clock.now());
  const complain = createOccasionalLog(log, clock);

  const destinations = options.destinations.map((settings) => {
    const { name, protocol, endpoint, environments, limits, ...rest } = settings;
    const recordOf = logRecordsOf(rest);
    return createDestination<ReadableLogRecord>({
      name: `${name}.logs`,
      stream,
      cursors: file.cursors,
      prepare({ payload }) {
        const row = readLogRow(payload);
        return { items: isFor(row, environments) ? [recordOf(row)] : [] };
      },
      serialize: createLogSerializer(protocol),
      endpoint: { ...endpoint, contentType: CONTENT_TYPES[protocol] },
      setAside: options.setAside,
      clock,
      recorder,
      log,
      ...(limits !== undefined && { limits }),
      ...(options.random !== undefined && { random: options.random }),
    });
  });
  undo.move();

  let stopped = false;
  const cancels = new Map<string, () => void>();
  function later(what: string, millis: number, work: () => void): void {
    if (stopped) return;
    cancels.get(what)?.();
    cancels.set(what, clock.after(millis, work));
  }

  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      complain('rows', 'error', 'Log events of changes cannot be stored, trying again', { error });
    }
  }
  const wakeAll = () => {
    for (const destination of destinations) destination.wake();
  };

  /** One page; the next one after everything else had its turn. */
  function follow(): void {
    let more = false;
    attempt(() => {
      more = rows.takePage();
    });
    wakeAll();
    later('follow', more ? 0 : POLL_MILLIS, follow);
  }

  function publishHead(): void {
    attempt(() => {
      if (rows.takeHead()) wakeAll();
    });
    later('head', options.headMillis ?? DEFAULT_HEAD_MILLIS, publishHead);
  }

  const pause = (millis: number) => new Promise<void>((resolve) => clock.after(millis, resolve));

  let trimming = Promise.resolve();
  function trim(): void {
    const unread = destinations.map(({ name }) => file.cursors.get(destinationCursor(name)) ?? 0);
    const old = stream.seqBefore(clock.now() - (options.keepMillis ?? DEFAULT_KEEP_MILLIS));
    trimming = stream.trimTo(Math.min(old, ...unread)).then(
      () => {},
      (error: unknown) => complain('trim', 'warn', 'Log events could not be trimmed, trying again', { error }),
    );
    later('trim', TRIM_INTERVAL_MILLIS, trim);
  }

  const stopListening = ledger.onVersions(() => later('follow', 0, follow));
  later('follow', 0, follow);
  later('head', options.headMillis ?? DEFAULT_HEAD_MILLIS, publishHead);
  later('trim', TRIM_INTERVAL_MILLIS, trim);
  let closing: Promise<void> | undefined;

  async function close(deadlineMillis: number): Promise<void> {
    stopped = true;
    for (const cancel of cancels.values()) cancel();
    stopListening();
    const closeAt = clock.now() + deadlineMillis;
    attempt(() => {
      if (rows.takeHead()) wakeAll();
    });
    // What happens to the file while nobody runs shows against this head, if it is out; half of the time is for it.
    while (closeAt - clock.now() > deadlineMillis / 2 && destinations.some(isBehind)) await pause(DRAIN_POLL_MILLIS);
    await Promise.all(destinations.map((destination) => destination.close(Math.max(0, closeAt - clock.now()))));
    await trimming;
    await file.close();
  }

  async function test(change: ConfigChange, deadlineMillis: number): Promise<readonly OutputTest[]> {
    const before = destinations.map((destination) => destination.health());
    const deadline = clock.now() + deadlineMillis;
    const seq = rows.takeTest(change);
    wakeAll();
    const position = (destination: Destination) => file.cursors.get(destinationCursor(destination.name)) ?? 0;
    const isOpen = (destination: Destination) =>
      position(destination) < seq && destination.health().state !== 'blocked';
    while (!stopped && clock.now() < deadline && destinations.some(isOpen)) await pause(DRAIN_POLL_MILLIS);
    return destinations.map((destination, index) => {
      const health = destination.health();
      const { name, origin } = health;
      const works = position(destination) >= seq && refusedBy(health) === refusedBy(before[index] ?? health);
      const said = health.lastError?.message ?? 'no answer in time';
      return { name: name.replace(/\.logs$/, ''), origin, works, ...(works ? {} : { said }) };
    });
  }

  return {
    test,
    wake: () => later('follow', 0, follow),
    tellVerdict(change, by, at) {
      attempt(() => {
        rows.addVerdict({ change, by, at });
        wakeAll();
      });
    },
    publishHead,
    health: () => destinations.map((destination) => destination.health()),
    destination: (name) => destinations.find((destination) => destination.name === `${name}.logs`),
    close(deadlineMillis) {
      closing ??= close(deadlineMillis);
      return closing;
    },
  };
}

/** One in trouble is not waited for. */
function isBehind(destination: Destination): boolean {
  const { state, backlogRows } = destination.health();
  return state === 'ok' && backlogRows > 0;
}

/** What was never to be stored there. */
function refusedBy({ rejected, setAside }: DestinationHealth): number {
  return Object.values(setAside).reduce((sum, rows) => sum + rows, rejected);
}

/** The ledger's head says nothing of any environment, and a test is for everybody. */
function isFor(row: LogRow, environments: readonly string[] | undefined): boolean {
  if (row.type !== 'change' || environments === undefined) return true;
  return row.change.environment !== null && environments.includes(row.change.environment);
}
