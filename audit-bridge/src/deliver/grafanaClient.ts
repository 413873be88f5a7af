import { withoutSecrets } from '@aisix-observability/evidence';
import { type Clock, printable, retryAfterMillis } from '@aisix-observability/pipeline';
import type { Outcome } from './annotationDriver.ts';
import { REQUEST_TIMEOUT_MILLIS, RESPONSE_BYTES } from './limits.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GrafanaClientOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly timeoutMillis?: number;
}

export interface GrafanaCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** What the token must be allowed, as Grafana names it. */
  readonly permission: string;
  /** 404 means that this one annotation is not there, not that the address is wrong. */
  readonly ofOne: boolean;
}

/** Speaks to one Grafana: one request, one outcome. Never throws, never follows a redirect, reads no endless answer. */
export type GrafanaClient = (call: GrafanaCall, signal: AbortSignal) => Promise<Outcome<unknown>>;

/** Codes of connections that never stood: nothing can have been written. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Grafana's own id of the error that says that there are too many characters of tags. */
const TAGS_TOO_LONG = /^annotations\.tags?-limit/;

/** With these Grafana itself says that contents can never be stored, as long as the answer is its own. */
const REFUSALS = new Set([400, 422]);

export const SCOPE = 'annotations:type:organization';

export function createGrafanaClient(options: GrafanaClientOptions): GrafanaClient {
  const { clock } = options;
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${options.token}`,
    'user-agent': options.userAgent,
  };

  return async (call, signal) => {
    const { method, body } = call;
    if (signal.aborted) return { kind: 'aborted' };
    const ending = new AbortController();
    let timedOut = false;
    const onAbort = () => ending.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    const cancelTimer = clock.after(options.timeoutMillis ?? REQUEST_TIMEOUT_MILLIS, () => {
      timedOut = true;
      ending.abort();
    });
    try {
      const response = await options.fetch(`${options.baseUrl}${call.path}`, {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        // The token would go along.
        redirect: 'manual',
        signal: ending.signal,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await bounded(response);
      return outcomeOf(call, response, text, { now: clock.now(), token: options.token });
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      if (timedOut) return { kind: 'failed', written: 'unknown', message: 'no answer in time' };
      const code = codeOf(error);
      const written = NEVER_CONNECTED.has(code) ? 'no' : 'unknown';
      return { kind: 'failed', written, message: `the connection failed: ${printable(code)}` };
    } finally {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
    }
  };
}

/** Undefined when it is larger than may be read. */
async function bounded(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > RESPONSE_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Told {
  readonly now: number;
  /** Must not come out again: Grafana and what stands before it may quote it. */
  readonly token: string;
}

function outcomeOf(call: GrafanaCall, response: Response, text: string | undefined, told: Told): Outcome<unknown> {
  const { status } = response;
  const parsed = text === undefined ? undefined : parse(text);
  if (status >= 200 && status < 300) {
    if (parsed !== undefined) return { kind: 'done', value: parsed };
    return { kind: 'failed', written: 'unknown', message: `${status} without an answer of Grafana` };
  }
  const said = saidBy(parsed, told.token);
  const withSaid = (what: string): string => (said === undefined ? what : `${what}: ${said}`);
  if (status < 400) {
    return {
      kind: 'blocked',
      message: `${status}: redirects are not followed, the token would go along`,
      hint: 'give the address at which Grafana itself answers',
    };
  }
  if (status === 401) {
    return {
      kind: 'blocked',
      message: withSaid('401: the token was not accepted'),
      hint: 'expected the token of a service account of this organization that is neither disabled nor expired',
    };
  }
  if (status === 403) {
    return {
      kind: 'blocked',
      message: withSaid(`403: the token lacks ${call.permission} on ${SCOPE}`),
      hint: `give its service account the role Editor, or fixed:annotations:writer and fixed:annotations:reader`,
    };
  }
  if (status === 404 && call.ofOne) return { kind: 'missing' };
  if (status === 404 || status === 405) {
    return { kind: 'blocked', message: `${status}: no annotation API at this address`, hint: 'check url' };
  }
  if (status === 407) {
    return {
      kind: 'blocked',
      message: withSaid('407: a proxy in between asks for credentials'),
      hint: 'give an address that is reached without a proxy, or let the proxy pass these requests',
    };
  }
  // What a proxy answers must not finish a marker for good: it may answer otherwise in a minute.
  if (!REFUSALS.has(status) || (said === undefined && textOf(parsed, 'messageId') === undefined)) {
    const wait = retryAfterMillis(response.headers.get('retry-after') ?? undefined, told.now);
    return {
      kind: 'failed',
      written: status === 429 ? 'no' : 'unknown',
      message: withSaid(`${status}`),
      ...(wait !== undefined && { retryAfterMillis: wait }),
    };
  }
  const reason = TAGS_TOO_LONG.test(textOf(parsed, 'messageId') ?? '') ? 'tags_too_long' : 'contents';
  return { kind: 'refused', reason, message: withSaid(`${status}`) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function saidBy(body: unknown, token: string): string | undefined {
  const message = textOf(body, 'message');
  if (message === undefined) return undefined;
  const withoutToken = token === '' ? message : message.replaceAll(token, '[redacted:token]');
  return printable(withoutSecrets(withoutToken, new Map()));
}

function textOf(body: unknown, key: 'message' | 'messageId'): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = (body as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}

/** The code of the innermost cause that has one. */
function codeOf(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
  }
  return 'UNKNOWN';
}
