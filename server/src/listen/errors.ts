import type { Context } from 'hono';

/** Body of every refusal: a stable code, a sentence, and what to do about it where that is known. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

export function errorBody(code: string, message: string, hint?: string): ErrorBody {
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** Seconds after which a sender may come back to a server that is stopping: a restart is done by then. */
export const STOPPING_RETRY_SECONDS = 5;

export function notFound(c: Context): Response {
  return c.json(errorBody('not_found', 'there is no such resource on this listener'), 404);
}

export function stopping(c: Context): Response {
  c.header('Retry-After', String(STOPPING_RETRY_SECONDS));
  c.header('Connection', 'close');
  return c.json(errorBody('stopping', 'the server is stopping', 'send it again, to this or to another server'), 503);
}
