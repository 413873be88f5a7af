import type { QueryResultMetaNotice } from '@grafana/data';
import { forkJoin, map, type Observable } from 'rxjs';
import type { GatewayRequest } from '../api/contract';
import { attemptsTable } from '../frames/attempts';
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
  const { refId, shape } = query;
  const requestId = interpolateOne('The id of a request', query.requestId, context.templates, asked.scopedVars).trim();
  const [first, another] = environmentsOf(query.environment, { ...context, ...asked });
  const environment = another === undefined ? first : undefined;
  const { found, executed } =
    environment !== undefined && requestId !== ''
      ? byId(environment, requestId, context)
      : inRange(requestId, environment, asked, context);
  return forkJoin([found, context.directory.environmentName()]).pipe(
    map(([requests, environmentName]) => {
      const [newest] = requests;
      const frames = [
        ...(shape === 'table' || newest === undefined ? [] : [traceFrame(newest, refId, environmentName)]),
        ...(shape === 'trace' ? [] : [attemptsTable(requests, refId)]),
      ];
      return { frames, notices: noticesOf(requests), executed };
    }),
  );
}

interface Found {
  readonly found: Observable<readonly GatewayRequest[]>;
  readonly executed: string;
}

function byId(environment: string, requestId: string, { client }: RunContext): Found {
  const body = { environment, requestId };
  return { found: client.get(body).pipe(map(({ requests }) => requests)), executed: executedOf('requests/get', body) };
}

/** Without an id, as on a dashboard where none is chosen yet, the newest request. */
function inRange(requestId: string, environment: string | undefined, asked: Asked, { client }: RunContext): Found {
  const { from, to } = rangeOf(asked);
  const body = {
    from,
    to,
    ...(environment === undefined ? {} : { environment }),
    ...(requestId === ''
      ? { limit: 1 }
      : { filters: [{ field: 'requestId', op: 'eq' as const, value: requestId }], limit: SAME_ID }),
  };
  return {
    found: client.search(body).pipe(map(({ requests }) => requests)),
    executed: executedOf('requests/search', body),
  };
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
