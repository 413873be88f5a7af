/**
 * Every bound of delivery, with its reason. Those in `DEFAULT_LIMITS` and `DEFAULT_RETRY` can be set per destination.
 */
export interface DeliveryLimits {
  /** Requests to the backend at the same moment. Throughput is this × batch ÷ round trip. */
  readonly inFlight: number;
  /** Items of one request. Rows are kept whole unless one alone holds more. */
  readonly batchItems: number;
  /** Body of one request before compression; a larger one is never sent. */
  readonly maxRequestBytes: number;
  /** Body of an answer that is read; the rest is not looked at. */
  readonly responseBytes: number;
  /** Bytes of the stream a destination may stay behind before it loses its place. */
  readonly maxBacklogBytes: number;
  /** A row waits at most this long for company when the line is quiet. */
  readonly lingerMillis: number;
}

export interface RetryOptions {
  readonly initialMillis: number;
  readonly maxMillis: number;
  readonly factor: number;
  /** 0.2 spreads each wait evenly over ±20 %. */
  readonly jitter: number;
}

export const DEFAULT_LIMITS: DeliveryLimits = {
  // One request at a time caps a 100 ms backend at 5,000 spans/s, measured with the stock batch processor.
  inFlight: 4,
  // What every OpenTelemetry SDK sends by default, so backends are sized for it.
  batchItems: 512,
  // OTLP allows 64 MiB, but receivers behind gRPC proxies commonly stop at 4 MiB.
  maxRequestBytes: 4 * 1024 * 1024,
  // The OTLP specification's own default for clients.
  responseBytes: 4 * 1024 * 1024,
  maxBacklogBytes: 1024 * 1024 * 1024,
  // Short enough that a failing request is seen at once, long enough that 5,000 rows/s go in full requests.
  lingerMillis: 100,
};

export const DEFAULT_RETRY: RetryOptions = {
  initialMillis: 1_000,
  // As in the Collector: a backend that comes back is noticed within half a minute.
  maxMillis: 30_000,
  factor: 2,
  jitter: 0.2,
};

/** The OTLP specification: a client should not send more in one request, whatever is configured. */
export const OTLP_REQUEST_BYTES = 64 * 1024 * 1024;

/** Long waits are honoured, but a slip (a date of next year) must not silence a destination for good. */
export const RETRY_AFTER_CAP_MILLIS = 60 * 60 * 1_000;

/** Between probes of a destination that an operator has to mend: soon enough after the mending, no nuisance before. */
export const BLOCKED_PROBE_MILLIS = 30_000;

/**
 * So many single rows refused one after the other, with nothing accepted in between, speak against the configuration
 * and not against the rows: from then on one request per `BLOCKED_PROBE_MILLIS`, so that an outage that answers 400
 * or 500 to everything does not carry the whole backlog to the set-aside file.
 */
export const REFUSALS_IN_A_ROW = 16;

/** A request that timed out this often is sent in halves: a slow backend may never finish the whole. */
export const SPLIT_AFTER_TIMEOUTS = 3;

/** A page of the stream: far above one batch in rows, small in memory whatever the backlog is. */
export const PAGE_ROWS = 512;
export const PAGE_BYTES = 1024 * 1024;

/** Stream bytes that one batch may stand for, so that few large rows do not add up in memory. */
export const BATCH_PAYLOAD_BYTES = 4 * 1024 * 1024;

/** Rows ahead of the oldest unsettled one. A request that is retried for long holds the line here, not memory. */
export const WINDOW_ROWS = 65_536;

/** A cursor is saved this long after it moved. After a crash the rows in between go again, with the same ids. */
export const CURSOR_LAG_MILLIS = 250;

/** Looks at the stream even if nobody called `wake`. */
export const POLL_MILLIS = 1_000;

/** How often backlog and gauges are looked at: a sum over the stream is not free. */
export const HOUSEKEEPING_MILLIS = 2_000;

/** A destination that answers and is still this far behind is called lagging. */
export const LAGGING_MILLIS = 60_000;

/** A resend leaves most of the room to what is new. */
export const RESEND_IN_FLIGHT = 2;

/** Text of a backend that reaches health, logs and the set-aside file. */
export const MESSAGE_CHARACTERS = 200;

/** Level 1 costs half of level 6 and gives nearly the same size on spans (both measured). */
export const GZIP_LEVEL = 1;

/** The same complaint of the same destination is logged once in this time; every case is counted. */
export const LOG_AGAIN_MILLIS = 60_000;
