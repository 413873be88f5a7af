import type { Log } from '@aisix-observability/pipeline';
import type { Config } from './config/config.ts';
import type { TelemetryPath, TelemetryPathStatus } from './ingest/pathContract.ts';

export type { Config } from './config/config.ts';
export type { TelemetryPath, TelemetryPathStatus } from './ingest/pathContract.ts';

/** Where a listener really listens (the port is the chosen one when the configuration said 0). */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What `status` shows. */
export interface ServerStatus {
  readonly version: string;
  readonly startedAt: number;
  readonly path: TelemetryPathStatus;
}

export interface RunningServer {
  readonly ingest: Address;
  readonly api: Address;
  status(): Promise<ServerStatus>;
  /** Stops accepting, finishes what is in flight, drains until `limits.shutdown`, releases the data directory. */
  close(): Promise<void>;
}

/** What a test or the demo may replace. */
export interface ServerDeps {
  readonly log?: Log;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly startTelemetryPath?: (options: { dataDir: string; config: Config }) => Promise<TelemetryPath>;
}

/**
 * Starts the whole server in this process: data directory, streams, telemetry path, both listeners.
 *
 * @throws an `Error` with a `code` (`data_dir_locked`, `data_dir_newer`, `listen_failed`, …) when it cannot start;
 *   everything opened until then is closed again.
 */
export async function startServer(_config: Config, _deps: ServerDeps = {}): Promise<RunningServer> {
  throw new Error('the listeners are not wired yet');
}
