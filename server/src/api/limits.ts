import { MAX_BUCKETS } from '@aisix-observability/evidence';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const DAY = 86_400 * SECOND;

interface ApiLimit {
  readonly value: number;
  readonly unit: 'bytes' | 'ms' | 'characters' | 'count';
  readonly reason: string;
}

/** Every limit of the query API that is not configurable, with why it exists. The documentation's table is made of it. */
export const API_LIMITS = {
  bodyBytes: { value: 256 * KIB, unit: 'bytes', reason: 'body of one query; the longest sensible list of ids fits' },
  bodyValues: {
    value: 10_000,
    unit: 'count',
    reason: 'values and keys in one body, so that checking it never holds up other queries',
  },
  rangeMillis: {
    value: 92 * DAY,
    unit: 'ms',
    reason: 'longest range of one query, a quarter; longer ones are asked for piece by piece',
  },
  incidentRangeMillis: {
    value: 6 * 3600 * SECOND,
    unit: 'ms',
    reason: 'longest range in which incidents are looked for; every change in it is weighed against all requests',
  },
  rows: {
    value: 1000,
    unit: 'count',
    reason: '`limit` of a search; a page of 1,000 requests is about 2 MB, the next one comes by cursor',
  },
  filters: { value: 32, unit: 'count', reason: 'filters of one query; each is looked at for every row' },
  filterValues: { value: 200, unit: 'count', reason: 'values of one `in` or `nin`' },
  valueCharacters: { value: 1024, unit: 'characters', reason: 'a value of a filter; stored texts are hardly longer' },
  textCharacters: { value: 256, unit: 'characters', reason: 'free text; it is looked for in many fields of every row' },
  regexCharacters: {
    value: 256,
    unit: 'characters',
    reason: 'a regular expression; RE2 takes time linear in it, and memory too',
  },
  groupFields: { value: 4, unit: 'count', reason: 'fields to group by; their values multiply' },
  topN: { value: 50, unit: 'count', reason: 'groups told apart; the rest is added up as `other`' },
  buckets: { value: MAX_BUCKETS, unit: 'count', reason: 'points of one series; more than any screen has columns' },
  points: {
    value: 200_000,
    unit: 'count',
    reason: 'buckets × groups × measures of one answer, which is written in one piece',
  },
  noteCharacters: {
    value: 1000,
    unit: 'characters',
    reason: 'a note beside a verdict; it is kept for as long as the change',
  },
  listedValues: { value: 1000, unit: 'count', reason: '`limit` of a list of values' },
  cursorCharacters: { value: 256, unit: 'characters', reason: 'a cursor that this server gave out is shorter' },
  lightQueries: { value: 3, unit: 'count', reason: 'light queries that run at a time; each is done in a blink' },
  heavyQueries: {
    value: 2,
    unit: 'count',
    reason: 'heavy queries that run at a time, so that they leave room for light ones and for what arrives',
  },
  waitingQueries: {
    value: 128,
    unit: 'count',
    reason: 'queries that wait for a place, all readers together; more hear 429',
  },
  waitingPerReader: {
    value: 48,
    unit: 'count',
    reason: 'queries of one reader that wait; a large dashboard fits, and nobody can fill the queue alone',
  },
  unsentBytes: {
    value: 128 * MIB,
    unit: 'bytes',
    reason: 'answers that slow clients have not taken yet, together; beyond it new queries hear 429',
  },
  stalledMillis: {
    value: 30 * SECOND,
    unit: 'ms',
    reason: 'a client that takes nothing of its answer for so long is cut off',
  },
  tails: { value: 64, unit: 'count', reason: 'live tails, all readers together; each asks the store over and over' },
  tailsPerReader: { value: 8, unit: 'count', reason: 'live tails of one reader' },
  tailRows: { value: 200, unit: 'count', reason: 'requests in one line of a tail; what a slow client holds in memory' },
  tailIntervalMillis: {
    value: 500,
    unit: 'ms',
    reason: 'shortest time between two looks of a tail; faster than an eye can follow, slow enough to share',
  },
  tailHeartbeatMillis: {
    value: 10 * SECOND,
    unit: 'ms',
    reason: 'longest silence of a tail; proxies cut connections that say nothing for a minute',
  },
  tailBehind: {
    value: 20_000,
    unit: 'count',
    reason: 'versions that a tail may be behind; further back it skips to the present and says what was missed',
  },
} as const satisfies Record<string, ApiLimit>;

/** Values by the names of {@link API_LIMITS}. */
export type ApiLimits = { readonly [Name in keyof typeof API_LIMITS]: number };

export const DEFAULT_API_LIMITS: ApiLimits = Object.fromEntries(
  Object.entries(API_LIMITS).map(([name, { value }]) => [name, value]),
) as ApiLimits;

/** What a running api is held to; tests make some of it small. */
export type RunLimits = Pick<
  ApiLimits,
  | 'lightQueries'
  | 'heavyQueries'
  | 'waitingQueries'
  | 'waitingPerReader'
  | 'unsentBytes'
  | 'stalledMillis'
  | 'tails'
  | 'tailsPerReader'
  | 'tailRows'
  | 'tailIntervalMillis'
  | 'tailHeartbeatMillis'
  | 'tailBehind'
>;

/** Seconds after which somebody who heard 429 may ask again: most queries are done by then. */
export const BUSY_RETRY_SECONDS = 1;
/** Seconds after which the store may be back. */
export const UNAVAILABLE_RETRY_SECONDS = 5;
