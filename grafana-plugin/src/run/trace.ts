import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';
import type { ApiClient } from '../api/client';
import type { GatewayRequest, SearchInput } from '../api/contract';
import { attemptsTable } from '../frames/attempts';
import { type LogFrameOptions, logFrame } from '../frames/logs';
import { LEVEL_OF, OUTCOMES } from '../frames/outcomes';
import { traceFrame } from '../frames/trace';
import { environmentsOf } from '../query/conditions';
import { interpolateOne } from '../query/interpolate';
import type { TraceQuery } from '../query/model';
import type { Asked } from './asked';
import { type Answer, executedOf, type RunContext } from './context';
import { rangeOf } from './range';

/** Requests of one id that are shown; callers choose ids, and some send one id always. */
const SAME_ID = 20;

/** One request by its id: in a known environment whenever it was, else within the range. */
export function runTrace(query: TraceQuery, asked: Asked, context: RunContext): Observable<Answer> {
  const requestId = interpolateOne('The id of a request', query.requestId, context.templates, asked.scopedVars).trim();
  const [first, another] = environmentsOf(query.environment, { ...context, ...asked });
  const environment = another === undefined ? first : undefined;
  const { found, executed } = foundBy(requestId, environment, asked, context);
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
    ...(shape === 'trace' ? [] : [attemptsTable(requests, refId)]),
  ];
}

interface Found {
  readonly found: Observable<readonly GatewayRequest[]>;
  readonly executed: string;
}

function foundBy(requestId: string, environment: string | undefined, asked: Asked, { client }: RunContext): Found {
  const { from, to } = rangeOf(asked);
  const within = { from, to, ...(environment === undefined ? {} : { environment }) };
  if (requestId === '') return newest(within, client);
  if (environment !== undefined) {
    const body = { environment, requestId };
    return {
      found: client.get(body).pipe(map(({ requests }) => requests)),
      executed: executedOf('requests/get', body),
    };
  }
  const filters = [{ field: 'requestId', op: 'eq' as const, value: requestId }];
  return search({ ...within, filters, limit: SAME_ID }, client);
}

function search(body: SearchInput, client: ApiClient): Found {
  return {
    found: client.search(body).pipe(map(({ requests }) => requests)),
    executed: executedOf('requests/search', body),
  };
}

/** Requests of the last minute may still change; without them every panel of a dashboard finds the same one. */
const SETTLED_MILLIS = 60_000;

/** Without an id, as on a dashboard where none is chosen yet: the newest that failed, else the newest of all. */
function newest(within: { readonly from: number; readonly to: number }, client: ApiClient): Found {
  const settled = { ...within, to: Math.max(within.from + 1, within.to - SETTLED_MILLIS), limit: 1 };
  const failed = search(
    {
      ...settled,
      filters: [
        { field: 'outcome', op: 'in', value: OUTCOMES.filter((outcome) => LEVEL_OF[outcome] === 'error') },
        { field: 'attemptCount', op: 'gte', value: 1 },
      ],
    },
    client,
  );
  const found = failed.found.pipe(
    switchMap((requests) => (requests.length > 0 ? of(requests) : search(settled, client).found)),
  );
  return { ...failed, found };
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
