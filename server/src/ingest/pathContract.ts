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

/** A range of one destination, epoch milliseconds, both inclusive. */
export interface RefillJob {
  readonly destination: string;
  readonly from: number;
  readonly to: number;
}

/** Of the store: requests that start in `[from, to)`, whose newest version stands in `(after, upTo]` of the stream. */
export interface RefillSegment {
  readonly from: number;
  readonly to: number;
  readonly after: number;
  readonly upTo: number;
}

/** What the store has to hand over, in order of positions; none where the stream still holds everything. */
export interface RefillPlan {
  readonly segments: readonly RefillSegment[];
  /** Position that an earlier run came to, 0 at first; what it left on disk up to there may still have to be sent. */
  readonly done: number;
  /** First position that the stream still holds. */
  readonly heldFrom: number;
}

/** How what the stream of requests no longer holds is sent again, page by page. */
export interface PathRefills {
  plan(job: RefillJob): Promise<RefillPlan>;
  /** `done` is the position that the page leads to. Resolves when it is delivered. */
  page(
    job: RefillJob,
    page: { readonly requests: readonly string[]; readonly done: number },
  ): Promise<{ rows: number; items: number }>;
  end(job: RefillJob, plan: Pick<RefillPlan, 'heldFrom'>): Promise<void>;
  /** What a restart interrupted. */
  pending(): Promise<readonly RefillJob[]>;
}

/** Handle of the worker thread that assembles deliveries to requests and delivers them. */
export interface TelemetryPath {
  /** There are deliveries up to this position. Cheap; may be called for every delivery. */
  wake(deliveriesLastSeq: number): void;
  /** Absent where nothing can be read again from a store. */
  readonly refills?: PathRefills;
  /** Requests up to this position are in the store (at first: where it stands at the start): what it has not read is not trimmed. */
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
