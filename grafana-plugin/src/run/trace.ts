import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import { forkJoin, map, type Observable } from 'rxjs';
import type { FilterBody, GatewayRequest } from '../api/contract';
import { attemptsTable } from '../frames/attempts';
import { type LogFrameOptions, logFrame } from '../frames/logs';
import { traceFrame } from '../frames/trace';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { TraceQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type RunContext } from './context';
import { type FoundRequests, newestRequest, searchRequests } from './newestRequest';
import { rangeOf } from './range';

/** Requests of one id that are shown; callers choose ids, and some send one id always. */
const SAME_ID = 20;

/** One request by its id: in a known environment whenever it was, else within the range. */
export function runTrace(query: TraceQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const requestId = interpolateOne('The id of a request', query.requestId, context.templates, asked.scopedVars).trim();
  const environments = environmentsOf(query.environment, { ...context, ...asked });
  const { found, executed } = foundBy(requestId, environments, asked, context);
  return forkJoin([found, context.directory.environmentName()]).pipe(
    map(([requests, environmentName]) => ({
      frames: framesFor(requests, query, { links: context.links(), environmentName }),
      notices: noticesOf(requests),
      executed,
    })),
  );
}

function framesFor(
  requests: readonly GatewayRequest[],
  { refId, shape }: TraceQuery,
  { links, environmentName }: Pick<LogFrameOptions, 'links' | 'environmentName'>,
): DataFrame[] {
  const [newest] = requests;
  if (shape === 'row') return [logFrame(requests, { refId, links, environmentName })];
  return [
    ...(shape === 'table' || newest === undefined ? [] : [traceFrame(newest, refId, environmentName)]),
    ...(shape === 'trace' ? [] : [attemptsTable(requests, refId, { links, environmentName })]),
  ];
}

function foundBy(
  requestId: string,
  environments: readonly string[],
  asked: Asked,
  { client }: RunContext,
): FoundRequests {
  const { from, to } = rangeOf(asked);
  const [environment, another] = environments;
  const several: FilterBody[] =
    another === undefined ? [] : [{ field: 'environment', op: 'in', value: [...environments] }];
  const one = environment === undefined || another !== undefined ? {} : { environment };
  const within = { from, to, ...one, filters: several };
  if (requestId === '') return newestRequest(within, client);
  if (environment !== undefined && another === undefined) {
    const body = { environment, requestId };
    return {
      found: client.get(body).pipe(map(({ requests }) => requests)),
      executed: executedOf('requests/get', body),
    };
  }
  const byId: FilterBody = { field: 'requestId', op: 'eq', value: requestId };
  return searchRequests({ ...within, filters: [...several, byId], limit: SAME_ID }, client);
}

function noticesOf(requests: readonly GatewayRequest[]): QueryResultMetaNotice[] {
  const notices: QueryResultMetaNotice[] = [];
  if (requests.length > 1) {
    notices.push({
      severity: 'info',
      text: `${requests.length} requests have this id; the trace is of the newest, the table has the attempts of all.`,
    });
  }
  if (requests[0]?.timing === 'reconstructed') {
    notices.push({ severity: 'info', text: 'Times are reconstructed from log events and good to half a second.' });
  }
  if (requests[0]?.state === 'open') {
    notices.push({ severity: 'info', text: 'More is expected of this request; run the query again in a moment.' });
  }
  return notices;
}
