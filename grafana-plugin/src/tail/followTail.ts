import { type DataQueryResponse, LoadingState, type QueryResultMetaNotice } from '@grafana/data';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  map,
  type Observable,
  of,
  repeat,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { TailLine } from '../api/contract';
import { failureOf } from '../api/failure';
import { QueryFailure } from '../api/queryFailure';
import { logFrame } from '../frames/logs';
import { conditionsOf } from '../query/conditions';
import type { RequestsQuery } from '../query/model';
import type { Asked } from '../run/asked';
import type { RunContext } from '../run/context';
import { TailWindow } from './window';

/** Time before a tail that ended is taken up again: a server that restarts needs a moment. */
const RESUME_MILLIS = 1000;

/** Breaks in a row, without a line in between, after which the tail gives up. */
const BREAKS = 10;

/** Ends after which the tail goes on by its cursor: the next connection has a new token, or a server that is up again. */
const RESUMED = new Set(['token_expired', 'stopping']);

/**
 * Requests as they are stored, for Explore's live list: each response holds the whole window, under one key. Leaving the
 * list ends the connection.
 */
export function followTail(query: RequestsQuery, asked: Asked, context: RunContext): Observable<DataQueryResponse> {
  const { refId } = query;
  const key = `tail-${refId}`;
  const window = new TailWindow();
  const notices: QueryResultMetaNotice[] = [];
  let cursor: string | undefined;
  let breaks = 0;
  const connect = defer(() => {
    const conditions = conditionsOf(query, { ...context, ...asked });
    return context.client.tail(cursor === undefined ? conditions : { ...conditions, cursor });
  });
  const lines = connect.pipe(
    tap((line) => {
      cursor = line.cursor;
      breaks = 0;
    }),
    concatMap((line) => ('end' in line ? endOf(line.end) : of(line))),
    repeat({
      delay: () => {
        breaks += 1;
        if (breaks > BREAKS) return throwError(() => new QueryFailure('The live tail broke off. Start it again.'));
        return timer(RESUME_MILLIS);
      },
    }),
  );
  return context.directory.environmentName().pipe(
    switchMap((environmentName) =>
      lines.pipe(
        map((line): DataQueryResponse => {
          if ('requests' in line) window.add(line.requests);
          if ('missed' in line) notices.splice(0, notices.length, missedNotice(line.missed));
          const frame = logFrame(window.list(), { refId, links: context.links(), environmentName });
          return {
            key,
            state: LoadingState.Streaming,
            data: [{ ...frame, meta: { ...frame.meta, notices: [...notices] } }],
          };
        }),
      ),
    ),
    catchError((error: unknown) => {
      const { message, status } = failureOf(error);
      return of({
        key,
        state: LoadingState.Error,
        data: [],
        errors: [{ refId, message, ...(status === undefined ? {} : { status }) }],
      });
    }),
  );
}

type End = Extract<TailLine, { readonly end: string }>['end'];

function endOf(end: End): Observable<never> {
  if (RESUMED.has(end)) return EMPTY;
  return throwError(
    () =>
      new QueryFailure('The live tail ended, because the server could not go on reading. Start it again.', {
        code: end,
      }),
  );
}

const missedNotice = ({ from, to }: { readonly from: number; readonly to: number }): QueryResultMetaNotice => ({
  severity: 'warning',
  text: `The live list was too slow and left out ${Math.max(1, Math.round((to - from) / 1000))} s of requests; leave it to search for them.`,
});
