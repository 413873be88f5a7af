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
}

/** Field with the name of the environment of each row, for links; the details of a row do not show it. */
export const LINKED_ENVIRONMENT = 'inEnvironment';

/** Without it the environment of the settings would be asked, in which the row need not be. */
const OF_ROW = `\${__data.fields.${LINKED_ENVIRONMENT}}`;

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
  const row = { requestId: '${__value.raw}', environment: OF_ROW };
  const query = { refId: 'A', ...DEFAULTS.trace, ...row };
  const why = { refId: 'A', ...DEFAULTS.investigation, ...row };
  const { uid: datasourceUid, name: datasourceName } = self;
  return [
    ...(dashboard === undefined ? [] : [detailLink(datasourceUid, dashboard)]),
    { title: 'Attempts', url: '', internal: { datasourceUid, datasourceName, query } },
    { title: 'What broke it', url: '', internal: { datasourceUid, datasourceName, query: why } },
  ];
}

/** The range stands in it as numbers: outside dashboards Grafana knows no variable of it and would hide the link. */
function detailLink(uid: string, { from, to }: ShownRange): DataLink {
  const environment = `\${__data.fields.${LINKED_ENVIRONMENT}:percentencode}`;
  // Encoded: callers choose the ids of requests.
  const request = '${__value.raw:percentencode}';
  return {
    title: 'Request detail',
    url: `/d/aisix-request?var-ds=${encodeURIComponent(uid)}&var-environment=${environment}&var-request=${request}&from=${from}&to=${to}`,
  };
}

/** From a marker to what was changed, for audit readers; within the range that is shown. */
export function changeLinks({ self }: Pick<LinkTargets, 'self'>): DataLink[] {
  const row = { changeId: '${__value.raw}', environment: OF_ROW };
  const query = { refId: 'A', ...DEFAULTS.changes, ...row };
  const did = { refId: 'A', ...DEFAULTS.investigation, ...row };
  const { uid: datasourceUid, name: datasourceName } = self;
  return [
    { title: 'What changed', url: '', internal: { datasourceUid, datasourceName, query } },
    { title: 'What it did', url: '', internal: { datasourceUid, datasourceName, query: did } },
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
