import { retryAfterMillis } from '@aisix-observability/pipeline';
import { isDeeperThan, MAX_EVENT_DEPTH } from './eventBody.ts';
import { AuditPollError, type PollFaultCode } from './pollFault.ts';

/** A page of 100 rows with their request bodies. */
export const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

/** Audit logs are searched in databases; longer is a hang. */
const TIMEOUT_MILLIS = 30_000;

/** The page around the rows nests two levels more. */
const MAX_DEPTH = MAX_EVENT_DEPTH + 4;

export interface PageRequest {
  readonly fetch: typeof fetch;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly maxBytes?: number;
  /** Named in the message on 403. */
  readonly permission?: string;
}

const BY_STATUS: ReadonlyMap<number, PollFaultCode> = new Map([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [429, 'rate_limited'],
]);

export interface FetchedPage {
  /** As JSON. */
  readonly body: unknown;
  /** The time on the clock of the log's server when it answered, epoch milliseconds, where it tells. */
  readonly logTime?: number;
}

/**
 * One page. Redirects are not followed, since the token would go with them.
 *
 * @throws AuditPollError, whose message quotes nothing of the answer.
 */
export async function fetchPage(request: PageRequest): Promise<FetchedPage> {
  const response = await ask(request);
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => {});
    throw statusError(response, request);
  }
  const text = await textOf(response, request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new AuditPollError('invalid_json');
  }
  if (isDeeperThan(body, MAX_DEPTH))
    throw new AuditPollError('unexpected_body', `; nested more than ${MAX_DEPTH} levels`);
  const logTime = Date.parse(response.headers.get('date') ?? '');
  return { body, ...(Number.isNaN(logTime) ? {} : { logTime }) };
}

async function ask({ fetch, url, headers, signal }: PageRequest): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
    });
  } catch (error) {
    throw failed(error, signal);
  }
}

function failed(error: unknown, signal: AbortSignal): AuditPollError {
  if (signal.aborted) return new AuditPollError('closed');
  return new AuditPollError(error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable');
}

function statusError({ status, type, headers }: Response, { now, permission }: PageRequest): AuditPollError {
  const isRedirect = type === 'opaqueredirect' || (status >= 300 && status < 400);
  const code = isRedirect
    ? 'redirected'
    : (BY_STATUS.get(status) ?? (status >= 500 ? 'server_error' : 'unexpected_status'));
  const named = code === 'server_error' || code === 'unexpected_status' ? `: ${status}` : '';
  const needed = code === 'forbidden' && permission !== undefined ? `: it needs the permission ${permission}` : '';
  return new AuditPollError(
    code,
    `${named}${needed}`,
    retryAfterMillis(headers.get('retry-after') ?? undefined, now()),
  );
}

async function textOf(response: Response, { signal, maxBytes = MAX_RESPONSE_BYTES }: PageRequest): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the body.
      if (size > maxBytes) throw new AuditPollError('response_too_large', ` (${maxBytes} bytes)`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof AuditPollError ? error : failed(error, signal);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
