import { StoreQueryError, StoreUnavailableError } from '@aisix-observability/evidence';
import type { Log } from '@aisix-observability/pipeline';
import type { Context } from 'hono';
import { errorBody } from '../../listen/errors.ts';
import { ApiError } from '../errors.ts';
import { UNAVAILABLE_RETRY_SECONDS } from '../limits.ts';
import { ClientGoneError } from '../run/runQuery.ts';

/** nginx's word for a client that closed the connection; nobody reads it, logs and metrics do. */
const CLIENT_CLOSED = 499;

/** The answer that a failed query gets; only what is nobody's mistake but ours is logged, and none of its words go out. */
export function failure(c: Context, error: unknown, log: Log): Response {
  if (error instanceof ClientGoneError) return new Response(null, { status: CLIENT_CLOSED });
  const told = asApiError(error);
  if (told === undefined || told.code === 'store_unavailable') {
    log('error', 'A query could not be answered.', { route: c.req.path, error });
  }
  const { status, code, message, hint, retryAfterSeconds } =
    told ?? new ApiError('internal', 'the server failed to answer; its log says why');
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  return c.json(errorBody(code, message, hint), status);
}

/** The refusal that an error of the store is to a caller; nothing when it is no refusal. */
export function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof StoreQueryError) {
    // Everything else that a store refuses was refused before, in words for people.
    const code = error.code === 'regex_invalid' || error.code === 'cursor_invalid' ? error.code : 'query_invalid';
    return new ApiError(code, error.message);
  }
  if (error instanceof StoreUnavailableError) {
    return new ApiError('store_unavailable', 'the store does not answer', 'try again', UNAVAILABLE_RETRY_SECONDS);
  }
  return undefined;
}
