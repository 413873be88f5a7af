import type { DataQuery } from '@grafana/schema';
import type { FilterOperator, Measure } from '../api/contract';

/** Version of the saved form; `migrate.ts` brings older ones up to it. */
export const QUERY_VERSION = 1;

export const QUERY_TYPES = ['requests', 'metrics', 'changes', 'markers', 'trace', 'investigation'] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/** What each type that has a shape can be drawn as; the first is the usual one. */
export const SHAPES = {
  metrics: ['series', 'total'],
  changes: ['rows', 'table', 'marks'],
  markers: ['marks', 'table'],
  trace: ['both', 'trace', 'table', 'row'],
  investigation: ['readable', 'table'],
} as const;

/** One condition. Values are texts as they were typed, with variables in them; only lists have more than one. */
export interface QueryFilter {
  readonly field: string;
  readonly op: FilterOperator;
  readonly values: readonly string[];
}

interface Saved extends DataQuery {
  readonly version: typeof QUERY_VERSION;
  /** Id, name or variable; empty for all that the reader may see. */
  readonly environment: string;
}

interface Conditions {
  readonly filters: readonly QueryFilter[];
  /** Looked for in every field of free text. */
  readonly text: string;
  /** How the conditions are edited; they are the same in both. */
  readonly mode: 'builder' | 'code';
}

/** Requests as log rows. */
export interface RequestsQuery extends Saved, Conditions {
  readonly queryType: 'requests';
  readonly limit: number;
  /** Also rows for configuration changes, where the reader may see them. */
  readonly withChanges: boolean;
  /** Set on the query of Explore's histogram. */
  readonly volume?: boolean;
}

/** Series, or with `shape: 'total'` one number a group for the whole range. */
export interface MetricsQuery extends Saved, Conditions {
  readonly queryType: 'metrics';
  readonly measures: readonly Measure[];
  readonly groupBy: readonly string[];
  readonly topN: number;
  readonly shape: (typeof SHAPES.metrics)[number];
  /** Change markers over the series. */
  readonly withMarkers: boolean;
}

/** Configuration changes with names and values: for audit readers. As marks others get neutral ones. */
export interface ChangesQuery extends Saved {
  readonly queryType: 'changes';
  /** Kinds of resources, actions, resources and actors (by name or id); empty for all. */
  readonly kinds: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly actors: readonly string[];
  /** Id of one change, or of the burst that it is part of; links of markers name it. */
  readonly changeId: string;
  readonly shape: (typeof SHAPES.changes)[number];
  readonly limit: number;
}

/** Change markers without names: for everybody. */
export interface MarkersQuery extends Saved {
  readonly queryType: 'markers';
  readonly kinds: readonly string[];
  readonly shape: (typeof SHAPES.markers)[number];
  readonly limit: number;
}

/** One request with all its attempts. */
export interface TraceQuery extends Saved {
  readonly queryType: 'trace';
  readonly requestId: string;
  readonly shape: (typeof SHAPES.trace)[number];
}

/** What an investigation may be about; the first is the usual one. */
export const SUBJECTS = ['incident', 'request', 'change'] as const;
export type Subject = (typeof SUBJECTS)[number];

/**
 * What broke what, for audit readers: why a request failed, what a change did, or the incidents of the range with their
 * candidates. Only what belongs to its subject is asked; the rest waits for somebody to come back to it.
 */
export interface InvestigationQuery extends Saved {
  readonly queryType: 'investigation';
  readonly about: Subject;
  /** Empty for the newest request that failed. */
  readonly requestId: string;
  readonly changeId: string;
  /** When the trouble began, as it was typed: a time, epoch milliseconds or a variable. Empty for all of the range. */
  readonly start: string;
  /** Only trouble of these models; empty for all. */
  readonly models: readonly string[];
  readonly shape: (typeof SHAPES.investigation)[number];
}

export type ObservabilityQuery =
  | RequestsQuery
  | MetricsQuery
  | ChangesQuery
  | MarkersQuery
  | TraceQuery
  | InvestigationQuery;

/** Queries that have filters and a text. */
export type FilteredQuery = RequestsQuery | MetricsQuery;

export const isFiltered = (query: ObservabilityQuery): query is FilteredQuery =>
  query.queryType === 'requests' || query.queryType === 'metrics';
