import type { DataLink } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { DEFAULTS } from '../query/defaults';

/** Where a row leads to. */
export interface LinkTargets {
  /** This data source, for the attempts of a request. */
  readonly self: { readonly uid: string; readonly name: string };
  /** The data source that holds the traces. */
  readonly tracing?: { readonly uid: string; readonly name: string; readonly type: string } | undefined;
  /** Address of a trace elsewhere; `{traceId}` stands for the id. */
  readonly traceUrl?: string | undefined;
  /** Destination whose trace ids are linked to, where they differ from the gateway's. */
  readonly traceDestination?: string | undefined;
  /** Whether the reader may be one of those to whom it is explained what broke what. */
  readonly explained?: boolean;
}

/** Field with the name of the environment of each row, for links; the details of a row do not show it. */
export const LINKED_ENVIRONMENT = 'inEnvironment';

/** Without it the environment of the settings would be asked, in which the row need not be. */
const OF_ROW = `\${__data.fields.${LINKED_ENVIRONMENT}}`;
/** The same in an address. */
const ENCODED = `\${__data.fields.${LINKED_ENVIRONMENT}:percentencode}`;
/** The value that is linked. */
const VALUE = '${__value.raw}';

/** Range of a dashboard, epoch milliseconds. */
export interface ShownRange {
  readonly from: number;
  readonly to: number;
}

/**
 * To the attempts of a request, in Explore; on dashboards also to the bundled dashboard of one request, since Grafana
 * leaves out every link to Explore for who has none.
 */
export function requestLinks({ self }: Pick<LinkTargets, 'self'>, dashboard?: ShownRange): DataLink[] {
  const query = { ...DEFAULTS.trace, requestId: VALUE, environment: OF_ROW };
  return [
    ...(dashboard === undefined ? [] : [dashboardLink('Request detail', 'aisix-request', self, dashboard)]),
    queryLink('Attempts', query, self),
  ];
}

/** From a request that failed to its explanation; for audit readers, since it names changes. */
export function failedLinks({ self }: Pick<LinkTargets, 'self'>, dashboard?: ShownRange): DataLink[] {
  const query = { ...DEFAULTS.investigation, about: 'request' as const, requestId: VALUE, environment: OF_ROW };
  return [
    dashboard === undefined
      ? queryLink(WHAT_BROKE_IT, query, self)
      : dashboardLink(WHAT_BROKE_IT, 'aisix-what-changed', self, dashboard),
  ];
}

const WHAT_BROKE_IT = 'What broke it';

const queryLink = (title: string, query: object, { uid, name }: LinkTargets['self']): DataLink => ({
  title,
  url: '',
  internal: { datasourceUid: uid, datasourceName: name, query: { refId: 'A', ...query } },
});

/** The range stands in it as numbers: outside dashboards Grafana knows no variable of it and would hide the link. */
function dashboardLink(
  title: string,
  dashboard: string,
  { uid }: LinkTargets['self'],
  { from, to }: ShownRange,
): DataLink {
  // Encoded: callers choose the ids of requests.
  const request = '${__value.raw:percentencode}';
  return {
    title,
    url: `/d/${dashboard}?var-ds=${encodeURIComponent(uid)}&var-environment=${ENCODED}&var-request=${request}&from=${from}&to=${to}`,
  };
}

const CHANGE_OF_ROW = { changeId: VALUE, environment: OF_ROW };

/** From a change to what it did, for audit readers. */
export const effectLinks = ({ self }: Pick<LinkTargets, 'self'>): DataLink[] => [
  queryLink('What it did', { ...DEFAULTS.investigation, about: 'change', ...CHANGE_OF_ROW }, self),
];

/** From a change or a burst to what was changed, for audit readers; within the range that is shown. */
export const detailLinks = ({ self }: Pick<LinkTargets, 'self'>): DataLink[] => [
  queryLink('What changed', { ...DEFAULTS.changes, ...CHANGE_OF_ROW }, self),
];

/** Both of one change. */
export const changeLinks = (targets: Pick<LinkTargets, 'self'>): DataLink[] => [
  ...effectLinks(targets),
  ...detailLinks(targets),
];

/** From the start of an incident, in milliseconds, to all that may have caused it. */
export function incidentLinks({ self }: Pick<LinkTargets, 'self'>): DataLink[] {
  const query = { ...DEFAULTS.investigation, start: VALUE, environment: OF_ROW, shape: 'table' as const };
  return [queryLink('All candidates', query, self)];
}

/** Field with the end of what a neutral marker leads to, for its link. */
export const AROUND_TO = 'aroundTo';

/**
 * From a marker without a name to the requests around it, which everybody may see, and for audit readers to what broke
 * what around it. The value is the start of the range in milliseconds.
 */
export function aroundLinks({ self, explained = false }: Pick<LinkTargets, 'self' | 'explained'>): DataLink[] {
  const link = (title: string, dashboard: string): DataLink => {
    const range = `from=${VALUE}&to=\${__data.fields.${AROUND_TO}}`;
    return { title, url: `/d/${dashboard}?var-ds=${encodeURIComponent(self.uid)}&var-environment=${ENCODED}&${range}` };
  };
  return [
    ...(explained ? [link('What changed around it', 'aisix-what-changed')] : []),
    link('Requests around it', 'aisix-timeline'),
  ];
}

/** None where neither is set, so that a row has no link that leads nowhere. */
export function traceLinks({ tracing, traceUrl }: LinkTargets): DataLink[] {
  const links: DataLink[] = [];
  if (tracing !== undefined) {
    const { uid, name, type } = tracing;
    links.push({
      title: 'Trace',
      url: '',
      internal: { datasourceUid: uid, datasourceName: name, query: traceQueryOf(type) },
    });
  }
  if (traceUrl !== undefined && isWebAddress(traceUrl)) {
    links.push({ title: 'Trace page', url: traceUrl.replaceAll('{traceId}', '${__value.raw}'), targetBlank: true });
  }
  return links;
}

/** Tempo wants to be told that the text is an id or TraceQL; Jaeger and Zipkin take it as it is. */
function traceQueryOf(type: string): DataQuery {
  const query = { refId: 'A', query: '${__value.raw}' };
  return type === 'tempo' ? { ...query, queryType: 'traceql' } : query;
}

/** Also an address on this Grafana; a scheme that runs something is none. */
export const isWebAddress = (url: string) => /^(https?:\/\/|\/(?!\/))/i.test(url.trim());

const TRACE_ID = /^[0-9a-f]{32}$/;

/** The id by which the trace is found, or nothing for what is no trace id and could not be linked to safely. */
export function linkedTraceId(
  request: {
    readonly traceId?: string | undefined;
    readonly exportedTraceIds?: Readonly<Record<string, string>> | undefined;
  },
  destination: string | undefined,
): string | null {
  const exported = destination === undefined ? undefined : request.exportedTraceIds?.[destination];
  const id = exported ?? request.traceId;
  return id !== undefined && TRACE_ID.test(id) ? id : null;
}
