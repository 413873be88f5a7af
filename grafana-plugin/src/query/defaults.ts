import { DEFAULT_GROUPS, DEFAULT_MARKERS, DEFAULT_ROWS } from './limits';
import {
  type ChangesQuery,
  type InvestigationQuery,
  type MarkersQuery,
  type MetricsQuery,
  type ObservabilityQuery,
  QUERY_VERSION,
  type QueryType,
  type RequestsQuery,
  type TraceQuery,
} from './model';

const saved = { version: QUERY_VERSION, environment: '' } as const;

/** What a query of each type holds beside its reference. */
export const DEFAULTS: {
  readonly requests: Omit<RequestsQuery, 'refId'>;
  readonly metrics: Omit<MetricsQuery, 'refId'>;
  readonly changes: Omit<ChangesQuery, 'refId'>;
  readonly markers: Omit<MarkersQuery, 'refId'>;
  readonly trace: Omit<TraceQuery, 'refId'>;
  readonly investigation: Omit<InvestigationQuery, 'refId'>;
} = {
  requests: {
    ...saved,
    queryType: 'requests',
    filters: [],
    text: '',
    mode: 'builder',
    limit: DEFAULT_ROWS,
    withChanges: false,
  },
  metrics: {
    ...saved,
    queryType: 'metrics',
    filters: [],
    text: '',
    mode: 'builder',
    measures: ['rate'],
    groupBy: ['outcome'],
    topN: DEFAULT_GROUPS,
    shape: 'series',
    withMarkers: false,
  },
  changes: {
    ...saved,
    queryType: 'changes',
    kinds: [],
    actions: [],
    resources: [],
    actors: [],
    changeId: '',
    shape: 'rows',
    limit: DEFAULT_MARKERS,
  },
  markers: { ...saved, queryType: 'markers', kinds: [], shape: 'marks', limit: DEFAULT_MARKERS },
  trace: { ...saved, queryType: 'trace', requestId: '', shape: 'both' },
  investigation: { ...saved, queryType: 'investigation', requestId: '', changeId: '', shape: 'readable' },
};

/** The query with another type: what both types have in common stays, the rest starts from its defaults. */
export function withType(query: ObservabilityQuery, queryType: QueryType): ObservabilityQuery {
  if (query.queryType === queryType) return query;
  const { refId, hide, key, datasource } = query;
  const defaults = DEFAULTS[queryType];
  const kept = Object.entries(query).filter(([name]) => name in defaults && KEPT.has(name));
  return {
    ...defaults,
    ...Object.fromEntries(kept),
    refId,
    ...(hide === undefined ? {} : { hide }),
    ...(key === undefined ? {} : { key }),
    ...(datasource === undefined ? {} : { datasource }),
  } as ObservabilityQuery;
}

const KEPT = new Set(['environment', 'filters', 'text', 'mode', 'kinds', 'requestId', 'changeId']);
