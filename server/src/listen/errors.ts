import type { Context } from 'hono';

/** Body of every refusal: a stable code, a sentence, and what to do about it where that is known. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Codes that a listener itself answers with, whatever the route, with their HTTP status and what they mean. Stable. */
export const LISTENER_ERRORS = {
  bad_request: { status: 400, says: 'what came is no HTTP request, or its host or target is not valid' },
  request_timeout: { status: 408, says: 'the request did not arrive within `limits.request_timeout`' },
  expectation_failed: { status: 417, says: 'an `Expect` header other than `100-continue`' },
  headers_too_large: { status: 431, says: 'more than `limits.header_bytes` of headers' },
  not_found: { status: 404, says: 'no such route, or its input is not configured' },
  internal: { status: 500, says: 'a defect of the server; its log says which' },
  stopping: { status: 503, says: 'the server starts or stops; come again after `Retry-After`' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly says: string }>>;

/** Connections that were closed without a word; only counted. */
export const CONNECTION_FAULTS = {
  too_many_connections: 'more connections than `limits.connections`',
  tls_failed: 'the TLS handshake failed',
} as const;

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
