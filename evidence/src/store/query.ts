import type { PackedWindow } from '../investigate/packedWindow.ts';
import type { FilterOperator, PersonalField, RequestField } from './fields.ts';

export type FilterValue = string | number | boolean;

/**
 * One condition; all conditions of a query must hold. The value is of the field's type (a time in epoch milliseconds);
 * `in` and `nin` take a list, `exists` a boolean, `contains` and `regex` text. Which operators a field has, says
 * `OPERATORS_OF_TYPE`.
 *
 * - `neq`, `nin` and `exists: false` hold where the field is absent, too; every other operator needs a value to hold.
 *   `in` an empty list never holds, `nin` an empty list always.
 * - Of several values (`attempt.*`, `guardrail.name`) any one may fulfil an operator; `neq`, `nin` and `exists: false`
 *   hold when none has the value.
 * - `contains` ignores case, by the simple lower case of each letter. `regex` is RE2 syntax (linear time), finds its
 *   match anywhere, minds case (`(?i)` ignores it), and its `.` matches line breaks; `^` and `$` are the ends of the
 *   whole text unless `(?m)` says otherwise. Both read a number as its decimal text (`200`, `0.5`).
 * - Everything else compares exactly: texts by code points, times in whole microseconds.
 *
 * Half a surrogate pair in a text is read as U+FFFD.
 */
export interface RequestFilter {
  readonly field: RequestField;
  readonly op: FilterOperator;
  readonly value: FilterValue | readonly FilterValue[];
}

/**
 * How a field shows to one caller, in answers as in filters, free text and value lists. Every query is answered as if
 * the request had been stored with the hash in place of a `hashed` value, and without a `hidden` one.
 */
export type Visibility = 'clear' | 'hashed' | 'hidden';

/** What one caller may see. Enforced in the store, for every query. */
export interface ReadScope {
  /** Ids; a caller without any sees nothing. */
  readonly environments: readonly string[];
  /** Fields that are not shown clear; all others are. */
  readonly visibility: Readonly<Partial<Record<PersonalField, Visibility>>>;
}

/**
 * Which requests: those whose start lies in `[from, to)`, epoch milliseconds, and that fulfil every condition; open ones
 * too. Starts are compared in whole microseconds, `Math.round(startTime × 1000)`.
 */
export interface RequestSelection {
  readonly scope: ReadScope;
  readonly from: number;
  readonly to: number;
  readonly filters: readonly RequestFilter[];
  /** One phrase, found anywhere in any of the free-text fields, case ignored as `contains` does; empty asks nothing. */
  readonly text?: string;
}

/** `newest`: latest start first. `oldest` is its exact reverse. */
export type SearchOrder = 'newest' | 'oldest';

/** A place in an ordered result: start of the request (µs), then its key, which tells apart what started together. */
export interface SearchPlace {
  readonly timeMicros: number;
  /** Decimal text of an unsigned 64-bit number; stays with a request (environment, requestId, traceId, n). */
  readonly key: string;
}

export interface SearchQuery extends RequestSelection {
  readonly limit: number;
  readonly order: SearchOrder;
  /** Only what comes after it in the order. */
  readonly after?: SearchPlace;
}

/** What a query cost, for the inspector. */
export interface QueryStats {
  readonly elapsedMs: number;
  readonly rows: number;
  /** Time range that was really looked through, epoch milliseconds. */
  readonly searchedFrom?: number;
  readonly searchedTo?: number;
}

/** JSON as the engine built it, to be passed on without parsing: an array of `GatewayRequest`. */
export interface RequestPage {
  readonly requests: string;
  readonly count: number;
  /** Absent when the range holds no more. */
  readonly next?: SearchPlace;
  readonly stats: QueryStats;
}

/** Every request of that id, whatever its trace and number, newest first, at most `MAX_GET` of them. */
export interface GetQuery {
  readonly scope: ReadScope;
  readonly environment: string;
  readonly requestId: string;
}

/** A caller may use one id for ever: more requests of one id than this are for a search. */
export const MAX_GET = 100;

/**
 * Groups are told apart by the values of groupable fields. The `topN` with most requests are shown (of equal ones those
 * first whose values come first by code points, absent before all), the rest is added up as `other`, which comes last.
 */
export interface GroupLimit {
  readonly groupBy: readonly RequestField[];
  /** 0 or more. */
  readonly topN: number;
}

/** More points than any screen has columns. */
export const MAX_BUCKETS = 11_000;

/** Number of requests. */
export interface VolumeQuery extends RequestSelection, GroupLimit {
  /** Width of a bucket in whole milliseconds; buckets start at multiples of it. The range has `MAX_BUCKETS` at most. */
  readonly intervalMs: number;
}

export const MEASURES = [
  'rate',
  'count',
  'error_ratio',
  'p50',
  'p95',
  'p99',
  'ttft_p95',
  'tokens_in',
  'tokens_out',
  'cost',
] as const;
/**
 * `rate`: requests per second of the bucket's part of the range. `error_ratio`: share of outcomes of severity error.
 * `p50`, `p95`, `p99`: quantiles of `durationMs`; `ttft_p95`: of `ttftMs`, where known. `tokens_in`, `tokens_out`,
 * `cost`: sums of what is known.
 */
export type Measure = (typeof MEASURES)[number];

export interface MetricsQuery extends RequestSelection, GroupLimit {
  /** Absent: one bucket for the whole range, starting at `from`. */
  readonly intervalMs?: number;
  readonly measures: readonly Measure[];
  /**
   * Quantiles from the rows, with linear interpolation between the two nearest ones; else they may come from histograms
   * of rollups, and are at most 5 % (or 1 ms, where that is more) below the lower or above the higher of the two.
   */
  readonly exact?: boolean;
}

/**
 * One line of a chart: a value for each bucket. Counts, rates and sums are 0 where nothing came; ratios and quantiles of
 * nothing are null.
 */
export interface Series {
  /**
   * Value by group field as text, an absent one left out; `{}` without grouping (one series then, also of nothing);
   * `other: 'true'` alone for what is beyond the top groups.
   */
  readonly labels: Readonly<Record<string, string>>;
  readonly measure?: Measure;
  readonly values: readonly (number | null)[];
}

export interface SeriesAnswer {
  /** Start of each bucket, epoch milliseconds; the same for every series, without gaps. Empty for an empty range. */
  readonly buckets: readonly number[];
  /** By group, most requests first, and within a group by measure as asked. */
  readonly series: readonly Series[];
  readonly stats: QueryStats & { readonly source: 'rollup' | 'rows' };
}

/** Different values of a field of any type but time, numbers and booleans as text. */
export interface ValuesQuery {
  readonly scope: ReadScope;
  readonly field: RequestField;
  readonly from: number;
  readonly to: number;
  /** Part of the value or of its name, case ignored as `contains` does. */
  readonly search?: string;
  readonly limit: number;
}

export interface ValuesAnswer {
  /**
   * Those of the range at least, and at most those of the days (UTC) that it touches. Most frequent first where counts
   * are known cheaply, else in the order of code points. `name` is what the catalogue calls an `apiKeyId` or a model's
   * id, in the first environment of the scope that knows it.
   */
  readonly values: readonly { readonly value: string; readonly count?: number; readonly name?: string }[];
  readonly more: boolean;
}

/**
 * What was stored or changed after a version, oldest first: what a live tail shows. A request that changed several times
 * comes once, as it is now.
 */
export interface ChangedQuery {
  readonly scope: ReadScope;
  readonly filters: readonly RequestFilter[];
  readonly text?: string;
  /** Position in the stream of requests. */
  readonly afterVersion: number;
  readonly limit: number;
}

/**
 * What weighing of changes needs of the final requests of one environment whose start lies in `[from, to)`, epoch
 * milliseconds. An environment that is not in the scope is empty.
 */
export interface WindowQuery {
  readonly scope: ReadScope;
  readonly environment: string;
  readonly from: number;
  readonly to: number;
  /** Of more requests than this every n-th is taken, picked by its key and so by nothing that it is. */
  readonly maxRows: number;
}

export interface WindowPage {
  /** Ordered by start. */
  readonly window: PackedWindow;
  /** 1: every request is there; n: every n-th, about. */
  readonly oneIn: number;
}

export interface ChangedPage {
  readonly requests: string;
  readonly count: number;
  /** Where to go on; moves even when nothing matched. */
  readonly version: number;
}
