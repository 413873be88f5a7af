import {
  type DataQueryResponse,
  type LogRowContextOptions,
  LogRowContextQueryDirection,
  type LogRowModel,
} from '@grafana/data';
import { catchError, firstValueFrom, forkJoin, map, throwError } from 'rxjs';
import type { SearchInput } from '../api/contract';
import { failureOf } from '../api/failure';
import { logFrame, rowId } from '../frames/logs';
import { conditionsOf } from '../query/conditions';
import { SERVER_LIMITS } from '../query/limits';
import type { RequestsQuery } from '../query/model';
import type { RunContext } from '../run/context';

const HOUR = 60 * 60 * 1000;

/** How far around a row is looked, unless the person chose otherwise: what is further away explains nothing. */
const WINDOW_MILLIS = 6 * HOUR;

/** Rows in one direction. */
const ROWS = 50;

/**
 * Rows before or after a row, without itself.
 *
 * @throws QueryFailure when they cannot be had: of an answer Grafana's window reads the rows only, so that an error in it
 * would look like nothing around
 */
export async function logRowContext(
  row: Pick<LogRowModel, 'timeEpochMs' | 'rowId'>,
  query: RequestsQuery,
  { direction, limit = ROWS, timeWindowMs = WINDOW_MILLIS, scopedVars }: LogRowContextOptions,
  context: RunContext,
): Promise<DataQueryResponse> {
  const body: SearchInput = {
    ...rangeAround(row.timeEpochMs, direction, timeWindowMs),
    ...conditionsOf(query, { ...context, scopedVars }),
    limit: Math.min(limit + 1, SERVER_LIMITS.rows),
    order: direction === LogRowContextQueryDirection.Forward ? 'oldest' : 'newest',
  };
  return firstValueFrom(
    forkJoin([context.client.search(body), context.directory.environmentName()]).pipe(
      map(([{ requests }, environmentName]) => {
        const others = requests.filter((request) => rowId(request) !== row.rowId).slice(0, limit);
        return { data: [logFrame(others, { refId: query.refId, links: context.links(), environmentName })] };
      }),
      catchError((error: unknown) => throwError(() => failureOf(error))),
    ),
  );
}

/** Rows of the same millisecond are on both sides, because their order is not known in whole milliseconds. */
function rangeAround(time: number, direction: LogRowContextQueryDirection | undefined, window: number) {
  return direction === LogRowContextQueryDirection.Forward
    ? { from: time, to: time + window }
    : { from: time - window, to: time + 1 };
}
