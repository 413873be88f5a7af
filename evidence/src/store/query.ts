import type { FilterOperator, RequestField } from './fields.ts';

export type FilterValue = string | number | boolean;

/**
 * One condition; all conditions of a query must hold. `in` and `nin` take a list, `exists` a boolean, `regex` RE2
 * syntax (linear time), `contains` is case-insensitive, everything else compares exactly. `neq` and `nin` hold where the
 * field is absent, too; every other operator needs a value to hold. On `attempt.*` a positive operator holds when any
 * attempt fulfils it, `neq` and `nin` when none has the value.
 */
export interface RequestFilter {
  readonly field: RequestField;
  readonly op: FilterOperator;
  readonly value: FilterValue | readonly FilterValue[];
}

/** How a field shows to one caller, in answers as in filters, free text, value lists and groups. */
export type Visibility = 'clear' | 'hashed' | 'hidden';

/** What one caller may see. Enforced in the store, for every query. */
export interface ReadScope {
  /** Ids; a caller without any sees nothing. */
  readonly environments: readonly string[];
  /** Fields that are not shown clear; all others are. */
  readonly visibility: Readonly<Partial<Record<RequestField, Visibility>>>;
}

/** Which requests: those whose start lies in `[from, to)`, epoch milliseconds, and that fulfil every condition. */
export interface RequestSelection {
  readonly scope: ReadScope;
  readonly from: number;
  readonly to: number;
  readonly filters: readonly RequestFilter[];
  /** Case-insensitive, in any of the free-text fields. */
  readonly text?: string;
}

export type SearchOrder = 'newest' | 'oldest';

/** A place in an ordered result: time of the request in the order (µs), then its key. */
export interface SearchPlace {
  readonly timeMicros: number;
  /** Decimal text of an unsigned 64-bit number. */
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

export interface GetQuery {
  readonly scope: ReadScope;
  readonly environment: string;
  readonly requestId: string;
}

/** At most this many groups per query are told apart; the rest is added up as `other`. */
export interface GroupLimit {
  readonly groupBy: readonly RequestField[];
  readonly topN: number;
}

export interface VolumeQuery extends RequestSelection, GroupLimit {
  /** Width of a bucket; buckets start at multiples of it. */
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
/** `rate` is requests per second; `error_ratio` is the share of outcomes of severity error; quantiles are of `durationMs`. */
export type Measure = (typeof MEASURES)[number];

export interface MetricsQuery extends RequestSelection, GroupLimit {
  /** Absent: one bucket for the whole range. */
  readonly intervalMs?: number;
  readonly measures: readonly Measure[];
  /** Quantiles from the rows and not from the histograms of rollups (whose error is at most 5 %). */
  readonly exact?: boolean;
}

/** One line of a chart: a value for each bucket, null where nothing is known (a mean of nothing), 0 where nothing came. */
export interface Series {
  /** Value by group field; `{}` without grouping; `other: 'true'` alone for what is beyond the top groups. */
  readonly labels: Readonly<Record<string, string>>;
  readonly measure?: Measure;
  readonly values: readonly (number | null)[];
}

export interface SeriesAnswer {
  /** Start of each bucket, epoch milliseconds; the same for every series, without gaps. */
  readonly buckets: readonly number[];
  readonly series: readonly Series[];
  readonly stats: QueryStats & { readonly source: 'rollup' | 'rows' };
}

export interface ValuesQuery {
  readonly scope: ReadScope;
  readonly field: RequestField;
  readonly from: number;
  readonly to: number;
  /** Case-insensitive part of the value. */
  readonly search?: string;
  readonly limit: number;
}

export interface ValuesAnswer {
  /** Most frequent first where counts are known cheaply, else in alphabetical order. */
  readonly values: readonly { readonly value: string; readonly count?: number; readonly name?: string }[];
  readonly more: boolean;
}

/** What was stored or changed after a version, oldest first: what a live tail shows. */
export interface ChangedQuery {
  readonly scope: ReadScope;
  readonly filters: readonly RequestFilter[];
  readonly text?: string;
  /** Position in the stream of requests. */
  readonly afterVersion: number;
  readonly limit: number;
}

export interface ChangedPage {
  readonly requests: string;
  readonly count: number;
  /** Where to go on; moves even when nothing matched. */
  readonly version: number;
}
