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
  investigation: {
    ...saved,
    queryType: 'investigation',
    about: 'incident',
    requestId: '',
    changeId: '',
    start: '',
    models: [],
    shape: 'readable',
  },
};

/** The query with another type: what both types have in common stays, the rest starts from its defaults. */
export function withType(query: ObservabilityQuery, queryType: QueryType): ObservabilityQuery {
  if (query.queryType === queryType) return query;
  const { refId, hide, key, datasource } = query;
  const defaults = DEFAULTS[queryType];
  const kept = Object.fromEntries(Object.entries(query).filter(([name]) => name in defaults && KEPT.has(name)));
  return {
    ...defaults,
    ...kept,
    ...(queryType === 'investigation' ? { about: subjectOf(kept) } : {}),
    refId,
    ...(hide === undefined ? {} : { hide }),
    ...(key === undefined ? {} : { key }),
    ...(datasource === undefined ? {} : { datasource }),
  } as ObservabilityQuery;
}

/** What a query is about by the ids that it names: how it is meant where nothing else says so. */
export function subjectOf({ requestId, changeId }: { readonly requestId?: unknown; readonly changeId?: unknown }) {
  const isNamed = (id: unknown) => typeof id === 'string' && id.trim() !== '';
  return isNamed(requestId) ? 'request' : isNamed(changeId) ? 'change' : 'incident';
}

const KEPT = new Set(['environment', 'filters', 'text', 'mode', 'kinds', 'requestId', 'changeId']);
