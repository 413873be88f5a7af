import type { Recorder } from '@aisix-observability/pipeline';
import { ApiError } from '../errors.ts';
import type { Lane, Lanes } from './lanes.ts';

export interface QueryRunnerOptions {
  readonly lanes: Lanes;
  /** Of waiting and running together. */
  readonly timeoutMillis: number;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  readonly recorder: Recorder;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number;
}

export interface Asked {
  /** Name in metrics: `search`, `volume`, … */
  readonly name: string;
  readonly lane: Lane;
  readonly reader: string;
  /** Aborted when the client goes away. */
  readonly client: AbortSignal;
}

/** The client went away: nobody hears the answer. */
export class ClientGoneError extends Error {
  readonly code = 'client_gone';
}

export type RunQuery = <T>(asked: Asked, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Runs queries in their lanes, each with an end: its time is up, the client went away, or the server stops. The caller
 * is told at once; the place is given back when the store has really let go, so that what runs stays bounded even if
 * that takes a while.
 *
 * @throws ApiError `too_many_queries`, `query_timeout`, `stopping`; ClientGoneError; or what the store throws
 */
export function createQueryRunner(options: QueryRunnerOptions): RunQuery {
  const { lanes, timeoutMillis, stopping, recorder, monotonic } = options;
  return async (asked, work) => {
    const { name, lane } = asked;
    const started = monotonic();
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(timedOut(timeoutMillis)), timeoutMillis);
    const gone = () => end.abort(new ClientGoneError('the client went away'));
    const stop = () => end.abort(new ApiError('stopping', 'the server is stopping'));
    asked.client.addEventListener('abort', gone, { once: true });
    stopping.addEventListener('abort', stop, { once: true });
    if (asked.client.aborted) gone();
    if (stopping.aborted) stop();
    let result = 'error';
    try {
      const leave = await lanes.enter(lane, asked.reader, end.signal);
      const worked = (async () => work(end.signal))();
      const settled = worked.then(leave, leave);
      // Its failure is heard by the race; this only keeps the place.
      settled.catch(() => {});
      const value = await orAborted(worked, end.signal);
      result = 'ok';
      return value;
    } catch (error) {
      // A store says in its own words that it was interrupted; why is what the signal knows.
      const cause = end.signal.aborted ? end.signal.reason : error;
      result = cause instanceof ApiError || cause instanceof ClientGoneError ? cause.code : 'error';
      throw cause;
    } finally {
      clearTimeout(timer);
      asked.client.removeEventListener('abort', gone);
      stopping.removeEventListener('abort', stop);
      recorder.observe('aisix_query_duration', (monotonic() - started) / 1000, { query: name, lane });
      recorder.count('aisix_queries', 1, { query: name, lane, result });
    }
  };
}

function timedOut(millis: number): ApiError {
  return new ApiError(
    'query_timeout',
    `the query was ended after ${millis / 1000} s`,
    'ask for a shorter range or with fewer texts to look for; `limits.query_timeout` says how long a query may take',
  );
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
