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
  WindowPage,
  WindowQuery,
} from './query.ts';

/** One version of a request, as the stream of requests holds it. */
export interface RequestVersion {
  /** Position in the stream, above 0; a later version of the same request has a higher one. */
  readonly seq: number;
  /** JSON text of a `GatewayRequest`. */
  readonly json: string;
  /**
   * Epoch milliseconds: whoever made this version had forgotten what was known of requests that started earlier. A first
   * version (revision 0) of such a request replaces a final one only if it has all of its attempts and feeds.
   */
  readonly knownFrom?: number;
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
  /** Different days (UTC) of the starts held. */
  readonly days: number;
}

/** What to read again: requests that start in `[from, to)`, epoch milliseconds. */
export interface ReadRange {
  readonly from: number;
  readonly to: number;
  /** Only those whose newest version stands after this position of the stream: `next` of the page before, or any other. */
  readonly after?: string;
  /** Only those whose newest version stands at this position of the stream or before. */
  readonly upTo?: number;
  readonly limit: number;
}

/** A page of complete requests in the order of the stream (by `seq` of their newest version), to derive something again (spans for a destination). */
export interface ReadPage {
  /** JSON texts, each a `GatewayRequest` as it was applied: nothing left out, no names of the catalogue added. */
  readonly requests: readonly string[];
  /** Position of the last one; give it back as `after` to go on. Absent at the end. */
  readonly next?: string;
}

/**
 * Keeps requests and answers questions about them. Every method may be called while others run; an aborted signal ends
 * a query within a fraction of a second, and its promise rejects with the signal's reason.
 *
 * A driver must pass `describeStore` (evidence/src/store/conformance).
 *
 * @throws StoreQueryError what the caller did wrong (`store/check`; a regular expression that RE2 refuses), with a
 *   stable code; nothing was looked up.
 * @throws StoreUnavailableError the engine or the disk refused; nothing was changed.
 */
export interface EvidenceStore {
  /**
   * Applies versions in the order given: a higher `seq` of the same request (environment, requestId, traceId, n)
   * replaces a lower one (but see `RequestVersion.knownFrom`), whatever was applied before stays as it is. Durable, with `position`, once it resolves;
   * applying the same again changes nothing, also after a crash in the middle.
   */
  apply(versions: readonly RequestVersion[], position: number): Promise<void>;
  /** The highest position applied; 0 before the first. */
  position(): number;
  /**
   * Names shown as `apiKeyName`, also of requests that were stored before and in place of a name that they brought, and
   * usable in filters, free text and groups like any field; a later name of the same id replaces the earlier one.
   */
  setNames(names: readonly ResourceName[]): Promise<void>;

  search(query: SearchQuery, signal?: AbortSignal): Promise<RequestPage>;
  get(query: GetQuery, signal?: AbortSignal): Promise<RequestPage>;
  volume(query: VolumeQuery, signal?: AbortSignal): Promise<SeriesAnswer>;
  metrics(query: MetricsQuery, signal?: AbortSignal): Promise<SeriesAnswer>;
  values(query: ValuesQuery, signal?: AbortSignal): Promise<ValuesAnswer>;
  changed(query: ChangedQuery, signal?: AbortSignal): Promise<ChangedPage>;
  /** Compact columns of one time range, for `investigate`; names of caller keys are the catalogue's. */
  window(query: WindowQuery, signal?: AbortSignal): Promise<WindowPage>;
  /** Everything of one time range, lossless and unmasked, for `resend`: not for callers from outside. */
  read(range: ReadRange): Promise<ReadPage>;

  /**
   * Drops whole days (UTC, of the start) that ended at or before this time (epoch milliseconds), open requests too, and
   * gives their disk space back.
   */
  dropBefore(time: number): Promise<{ readonly days: number; readonly requests: number }>;
  stats(): Promise<StoreStats>;
  close(): Promise<void>;
}

/** What a caller can do wrong. */
export const STORE_QUERY_ERRORS = [
  'field_unknown',
  'operator_unsupported',
  'value_type',
  'regex_invalid',
  'regex_too_long',
  'range_invalid',
  'interval_invalid',
  'too_many_buckets',
  'group_unsupported',
  'limit_invalid',
  'cursor_invalid',
  'visibility_unsupported',
] as const;
export type StoreQueryErrorCode = (typeof STORE_QUERY_ERRORS)[number];

/** The caller asked something that cannot be answered. */
export class StoreQueryError extends Error {
  readonly code: StoreQueryErrorCode;
  /** The part of the query that is meant, such as `filters[2].value`. */
  readonly field: string | undefined;

  constructor(code: StoreQueryErrorCode, message: string, field?: string) {
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
