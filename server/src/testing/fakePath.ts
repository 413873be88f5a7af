import type { StreamStats } from '@aisix-observability/pipeline';
import type { StartTelemetryPath } from '../engine.ts';
import type { AssemblyProgress, TelemetryPathStatus } from '../ingest/pathContract.ts';

const EMPTY: StreamStats = { rows: 0, bytes: 0, firstSeq: 0, lastSeq: 0 };

/** A telemetry path that only remembers what it was told. */
export interface FakePath {
  readonly start: StartTelemetryPath;
  readonly wakes: number[];
  readonly resends: { readonly destination: string; readonly from: number; readonly to: number }[];
  readonly closes: number[];
  status: TelemetryPathStatus;
  /** As the worker says: everything up to here is assembled. */
  assembled(seq: number): void;
  /** As if the worker had ended by itself. */
  stop(cause: Error): void;
}

export function createFakePath(): FakePath {
  let onAssembled: (progress: AssemblyProgress) => void = () => {};
  let onStopped: (cause: Error) => void = () => {};
  const path: FakePath = {
    wakes: [],
    resends: [],
    closes: [],
    status: { openRequests: 0, deliveries: EMPTY, requests: EMPTY, destinations: [], gaps: [] },
    assembled: (seq) => onAssembled({ seq, requestsSeq: 0 }),
    stop: (cause) => onStopped(cause),
    start: async (options) => {
      onStopped = options.onStopped;
      return {
        wake: (seq) => path.wakes.push(seq),
        stored: () => {},
        status: async () => path.status,
        metricsText: async () =>
          '# HELP aisix_open_requests Open\n# TYPE aisix_open_requests gauge\naisix_open_requests 3\n',
        async resend(destination, range) {
          path.resends.push({ destination, ...range });
          return { rows: 2, items: 6 };
        },
        onAssembled(callback) {
          onAssembled = callback;
        },
        async close(deadlineMillis) {
          path.closes.push(deadlineMillis);
        },
      };
    },
  };
  return path;
}
