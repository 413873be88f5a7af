import type {
  ChangedPage,
  ChangedQuery,
  GetQuery,
  MetricsQuery,
  RequestPage,
  SearchQuery,
  SeriesAnswer,
  ValuesAnswer,
  ValuesQuery,
  VolumeQuery,
} from './query.ts';

/** One version of a request, as the stream of requests holds it. */
export interface RequestVersion {
  /** Position in the stream; a later version of the same request has a higher one. */
  readonly seq: number;
  /** JSON text of a `GatewayRequest`. */
  readonly json: string;
}

/** A display name that the catalogue knows for an id. */
export interface ResourceName {
  readonly environment: string;
  readonly kind: 'api_key' | 'model';
  readonly id: string;
  readonly name: string;
}

export interface StoreStats {
  readonly driver: string;
  readonly requests: number;
  readonly openRequests: number;
  /** Last position of the stream that is durable in the store. */
  readonly position: number;
  readonly bytes: number;
  /** Start of the oldest and newest request held, epoch milliseconds. */
  readonly oldest?: number;
  readonly newest?: number;
  readonly days: number;
}

/** A page of complete requests in the order of the stream, to derive something again (spans for a destination). */
export interface ReadPage {
  /** JSON texts, each a `GatewayRequest` with nothing left out. */
  readonly requests: readonly string[];
  /** Give it back to go on; absent at the end. */
  readonly next?: string;
}

/**
 * Keeps requests and answers questions about them. Every method may be called while others run; an aborted signal ends
 * a query within a fraction of a second, and its promise rejects with the signal's reason.
 *
 * A driver must pass `describeStore` (evidence/src/store/conformance).
 *
 * @throws StoreQueryError what the caller did wrong (a regular expression that RE2 refuses), with a stable code.
 * @throws StoreUnavailableError the engine or the disk refused; nothing was changed.
 */
export interface EvidenceStore {
  /**
   * Applies versions in the order given: a higher `seq` of the same request (environment, requestId, traceId, n)
   * replaces a lower one, whatever was applied before stays as it is. Durable, with `position`, once it resolves;
   * applying the same again changes nothing, also after a crash in the middle.
   */
  apply(versions: readonly RequestVersion[], position: number): Promise<void>;
  /** The last position applied. */
  position(): number;
  /** Names shown as `apiKeyName` and usable in filters; a later name of the same id replaces the earlier one. */
  setNames(names: readonly ResourceName[]): Promise<void>;

  search(query: SearchQuery, signal?: AbortSignal): Promise<RequestPage>;
  get(query: GetQuery, signal?: AbortSignal): Promise<RequestPage>;
  volume(query: VolumeQuery, signal?: AbortSignal): Promise<SeriesAnswer>;
  metrics(query: MetricsQuery, signal?: AbortSignal): Promise<SeriesAnswer>;
  values(query: ValuesQuery, signal?: AbortSignal): Promise<ValuesAnswer>;
  changed(query: ChangedQuery, signal?: AbortSignal): Promise<ChangedPage>;
  /** Everything of one time range, lossless and unmasked, for `resend`: not for callers from outside. */
  read(range: {
    readonly from: number;
    readonly to: number;
    readonly after?: string;
    readonly limit: number;
  }): Promise<ReadPage>;

  /** Drops whole days that ended before this time (epoch milliseconds) and gives their disk space back. */
  dropBefore(time: number): Promise<{ readonly days: number; readonly requests: number }>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}

/** The caller asked something that cannot be answered. */
export class StoreQueryError extends Error {
  readonly code: string;
  /** The part of the query that is meant, such as `filters[2].value`. */
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.name = 'StoreQueryError';
    this.code = code;
    this.field = field;
  }
}

/** The engine or the disk refused. */
export class StoreUnavailableError extends Error {
  readonly code = 'store_unavailable';
}
