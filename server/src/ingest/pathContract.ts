import type { DestinationHealth, Gap, StreamStats } from '@aisix-observability/pipeline';

/** What the telemetry path's worker thread says of itself. */
export interface TelemetryPathStatus {
  readonly openRequests: number;
  readonly deliveries: StreamStats;
  readonly requests: StreamStats;
  readonly destinations: readonly DestinationHealth[];
  readonly gaps: readonly Gap[];
  /** Median of the last live requests: seconds from their end until they were assembled. */
  readonly freshnessSeconds?: number;
  /** The same until a destination acknowledged them. */
  readonly freshnessByDestination?: Readonly<Record<string, number>>;
  readonly [fact: string]: unknown;
}

/** How far assembly has come. */
export interface AssemblyProgress {
  /** Position in the stream of deliveries. */
  readonly seq: number;
  /** Position in the stream of requests. */
  readonly requestsSeq: number;
}

/** Handle of the worker thread that assembles deliveries to requests and delivers them. */
export interface TelemetryPath {
  /** There are deliveries up to this position. Cheap; may be called for every delivery. */
  wake(deliveriesLastSeq: number): void;
  /** Requests up to this position are in the store: what it has not read is not trimmed. */
  stored(requestsSeq: number): void;
  status(): Promise<TelemetryPathStatus>;
  /** Prometheus text of the worker's own meters. */
  metricsText(): Promise<string>;
  resend(destination: string, range: { from: number; to: number }): Promise<{ rows: number; items: number }>;
  /** Called with the last delivery that no open request needs any more (it may be trimmed), and the last request there is. */
  onAssembled(callback: (progress: AssemblyProgress) => void): void;
  /** Drains until the deadline (milliseconds from now), then stops. What is left is resumed at the next start. */
  close(deadlineMillis: number): Promise<void>;
}
