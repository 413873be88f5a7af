import { type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { catchError, defer, EMPTY, forkJoin, map, merge, type Observable, of } from 'rxjs';
import { failureOf } from '../api/failure';
import { migrate } from '../query/migrate';
import type { ObservabilityQuery } from '../query/model';
import { isRunnableSaved } from '../query/runnable';
import { followTail } from '../tail/followTail';
import { type Asked, askedOf } from './asked';
import { framesOf, isVolume, type RunContext } from './context';
import { runQuery } from './runQuery';

/** Every query of a request side by side. One that fails leaves an error and no frames, and the others untouched. */
export function runRequest(
  request: DataQueryRequest<ObservabilityQuery>,
  context: RunContext,
): Observable<DataQueryResponse> {
  const asked = askedOf(request);
  const run = (target: ObservabilityQuery): Observable<DataQueryResponse> =>
    defer(() => {
      const query = migrate(target);
      return runQuery(query, asked, context).pipe(map((answer) => ({ data: framesOf(answer, query, asked) })));
    }).pipe(catchError((error: unknown) => of(failedResponse(target, error))));
  const targets = request.targets.filter((target) => target.hide !== true);
  if (request.liveStreaming === true) {
    return merge(...targets.map((target) => follow(target, asked, context)));
  }
  const runnable = targets.filter(isRunnableSaved);
  if (runnable.length === 0) return of({ data: [] });
  return forkJoin(runnable.map(run)).pipe(
    map((responses) => {
      const errors = responses.flatMap((response) => response.errors ?? []);
      const [error] = errors;
      if (error === undefined) return { data: responses.flatMap(({ data }) => data) };
      // Explore's histogram looks for this one only, and shows nothing else beside it.
      if (runnable.every(isVolume)) return { data: [], error, errors };
      return { data: responses.flatMap(({ data }) => data), errors };
    }),
  );
}

const follow = (target: ObservabilityQuery, asked: Asked, context: RunContext): Observable<DataQueryResponse> =>
  defer(() => {
    const query = migrate(target);
    return query.queryType === 'requests' ? followTail(query, asked, context) : EMPTY;
  }).pipe(
    catchError((error: unknown) =>
      of({ key: `tail-${target.refId}`, state: LoadingState.Error, ...failedResponse(target, error) }),
    ),
  );

function failedResponse({ refId }: { readonly refId: string }, error: unknown): DataQueryResponse {
  const { message, status } = failureOf(error);
  return { data: [], errors: [{ refId, message, ...(status === undefined ? {} : { status }) }] };
}
