import type { Context } from 'hono';
import { errorBody } from '../listen/errors.ts';

/** Why somebody is not known, or may not do what they asked for. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 405 | 503;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Seconds, with 503. */
  readonly retryAfter?: number;
  /** Methods that the path has, with 405. */
  readonly allow?: readonly string[];
}

export function answerRefusal(c: Context, refusal: Refusal): Response {
  const { status, code, message, hint, retryAfter, allow } = refusal;
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  if (allow !== undefined) c.header('Allow', allow.join(', '));
  // Who may see an answer changes with the caller, and no cache on the way knows that.
  c.header('Cache-Control', 'no-store');
  return c.json(errorBody(code, message, hint), status);
}
