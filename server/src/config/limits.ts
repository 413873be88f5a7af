const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface LimitSpec {
  /** Key under `limits` in the file. */
  readonly key: string;
  readonly unit: 'size' | 'duration' | 'count';
  /** What holds when the file says nothing: bytes, milliseconds or a count. */
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  readonly reason: string;
}

/** Every limit that may be configured, with its default, its range and why it exists. */
export const LIMITS = {
  streamBytes: {
    key: 'stream_bytes',
    unit: 'size',
    initial: 4 * GIB,
    min: MIB,
    max: 1024 * GIB,
    reason: 'bytes that each durable stream may hold; beyond it senders hear 503 and keep their data',
  },
  requestsAgeMillis: {
    key: 'requests_age',
    unit: 'duration',
    initial: DAY,
    min: MINUTE,
    max: 30 * DAY,
    reason:
      'how long assembled requests stay in their stream: a new store is filled from there, `resend` takes older ones from the store',
  },
  failedGraceMillis: {
    key: 'failed_grace',
    unit: 'duration',
    initial: 15 * SECOND,
    min: 0,
    max: 10 * MINUTE,
    reason: 'how long a group with failures only waits for an attempt that succeeds',
  },
  feedGraceMillis: {
    key: 'feed_grace',
    unit: 'duration',
    initial: 10 * SECOND,
    min: 0,
    max: 10 * MINUTE,
    reason: 'how long a complete request waits for the other feed where one is expected',
  },
  shutdownMillis: {
    key: 'shutdown',
    unit: 'duration',
    initial: 8 * SECOND,
    min: 0,
    max: 10 * MINUTE,
    reason: 'how long a stop may drain; a gateway loses object uploads when its receiver is away for much longer',
  },
  headerBytes: {
    key: 'header_bytes',
    unit: 'size',
    initial: 16 * KIB,
    min: 4 * KIB,
    max: MIB,
    reason: 'largest header block; an identity token of Grafana fits several times',
  },
  headersTimeoutMillis: {
    key: 'headers_timeout',
    unit: 'duration',
    initial: 15 * SECOND,
    min: SECOND,
    max: 10 * MINUTE,
    reason: 'how long a client may take for its headers, against slow connections that hold sockets',
  },
  requestTimeoutMillis: {
    key: 'request_timeout',
    unit: 'duration',
    initial: 2 * MINUTE,
    min: SECOND,
    max: HOUR,
    reason: 'how long a client may take for a whole request',
  },
  keepAliveMillis: {
    key: 'keep_alive',
    unit: 'duration',
    initial: 75 * SECOND,
    min: SECOND,
    max: HOUR,
    reason: 'how long an idle connection stays; longer than the usual 60 s of load balancers',
  },
  connections: {
    key: 'connections',
    unit: 'count',
    initial: 4096,
    min: 1,
    max: 1_000_000,
    reason: 'open connections per listener; more are refused at once',
  },
  queryTimeoutMillis: {
    key: 'query_timeout',
    unit: 'duration',
    initial: 15 * SECOND,
    min: SECOND,
    max: 10 * MINUTE,
    reason: 'how long one query of the api may run',
  },
  sendTestMillis: {
    key: 'send_test',
    unit: 'duration',
    initial: 45 * SECOND,
    min: SECOND,
    max: 10 * MINUTE,
    reason: 'how long `send-test` waits for its requests to arrive at every destination',
  },
} as const satisfies Record<string, LimitSpec>;

/** Bytes, milliseconds and counts by the names of {@link LIMITS}. */
export type LimitsConfig = { readonly [Name in keyof typeof LIMITS]: number };

/** What holds when the file says nothing about limits. */
export const DEFAULT_LIMITS: LimitsConfig = Object.fromEntries(
  Object.entries(LIMITS).map(([name, spec]) => [name, spec.initial]),
) as LimitsConfig;
