export { backoffMillis, spread } from './deliver/backoff.ts';
export { type Bell, createBell } from './deliver/bell.ts';
export { type Clock, systemClock } from './deliver/clock.ts';
export { createDestination, type Destination, destinationCursor } from './deliver/destination.ts';
export { DestinationClosedError, DestinationOptionsError } from './deliver/errors.ts';
export { createGate, type Gate, type GateState, type Ticket } from './deliver/gate.ts';
export type { DestinationHealth, DestinationState, ResendProgress } from './deliver/health.ts';
export {
  BLOCKED_PROBE_MILLIS,
  DEFAULT_LIMITS,
  DEFAULT_RETRY,
  type DeliveryLimits,
  type RetryOptions,
} from './deliver/limits.ts';
export { DESTINATION_METRIC_HELP, DESTINATION_METRICS } from './deliver/metrics.ts';
export { createOccasionalLog, type OccasionalLog } from './deliver/occasionally.ts';
export type { DestinationOptions, Endpoint, Prepared } from './deliver/options.ts';
export {
  destinationFromEnvironment,
  type OtlpEnvironment,
  OtlpEnvironmentError,
  type OtlpEnvironmentProblem,
  type OtlpSignal,
} from './deliver/otlpEnvironment.ts';
export { printable } from './deliver/printable.ts';
export { retryAfterMillis } from './deliver/retryAfter.ts';
export type { SetAside, SetAsideEntry, SetAsideReason } from './deliver/setAside.ts';
export { createSetAsideFiles, type SetAsideFilesOptions } from './deliver/setAsideFiles.ts';
export type { Answer, FailureReason, Transport } from './deliver/transport.ts';
export { type StateFile, StateFileError, stateFile } from './files/stateFile.ts';
export { writeFileDurably } from './files/writeFileDurably.ts';
export type { Log, LogLevel } from './observe/log.ts';
export { silentLog } from './observe/log.ts';
export type { Labels, Recorder } from './observe/recorder.ts';
export { silentRecorder } from './observe/recorder.ts';
export type { DatabaseFile, DatabaseFileOptions } from './stream/databaseFile.ts';
export { databaseReadError, openDatabaseFile, readDatabaseFile } from './stream/databaseFile.ts';
export type { DiskSpace } from './stream/diskRoom.ts';
export type { StreamFileErrorCode } from './stream/errors.ts';
export { StreamFileError, StreamFullError, StreamUnavailableError } from './stream/errors.ts';
export { openStreamFile } from './stream/openStreamFile.ts';
export { makePrivateFile } from './stream/privateFile.ts';
export type { FileFormat } from './stream/schema.ts';
export type {
  Cursors,
  Gap,
  KeyedRow,
  Stream,
  StreamFile,
  StreamRecord,
  StreamRow,
  StreamStats,
} from './stream/stream.ts';
export type { StreamFileOptions } from './stream/streamFileOptions.ts';
export { STREAM_METRIC_BOUNDARIES, STREAM_METRIC_HELP, STREAM_METRICS } from './stream/streamMetricNames.ts';
