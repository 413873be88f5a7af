import { validateHeaderName, validateHeaderValue } from 'node:http';
import { DestinationOptionsError } from './errors.ts';
import { DEFAULT_LIMITS, DEFAULT_RETRY, type DeliveryLimits, OTLP_REQUEST_BYTES, type RetryOptions } from './limits.ts';
import type { DestinationOptions, Endpoint } from './options.ts';

/** Plain enough for a cursor, a label and the name of a file. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Headers that describe the body or the connection; whoever sends them sets them. */
const OWN_HEADERS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/** @throws DestinationOptionsError for a name that cannot be a label and a file at once. */
export function checkName(name: string): void {
  if (!isPlainName(name)) {
    throw new DestinationOptionsError(
      'name',
      'letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit',
    );
  }
}

/** @throws DestinationOptionsError unless it is an http(s) URL without credentials in it. */
export function checkUrl(text: string): URL {
  if (!URL.canParse(text)) throw new DestinationOptionsError('endpoint.url', 'an absolute URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new DestinationOptionsError('endpoint.url', 'http: or https:');
  }
  if (url.username !== '' || url.password !== '') {
    throw new DestinationOptionsError('endpoint.url', 'no user name and password in it; use an Authorization header');
  }
  return url;
}

/** All headers of a request except `content-length`. */
export function requestHeaders(endpoint: Endpoint): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': endpoint.userAgent };
  for (const [name, value] of Object.entries(endpoint.headers)) {
    const lower = name.toLowerCase();
    if (OWN_HEADERS.has(lower)) {
      throw new DestinationOptionsError('endpoint.headers', `"${lower}" is set by the sender itself`);
    }
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      // The original error would quote the value, which is most likely a secret.
      throw new DestinationOptionsError('endpoint.headers', 'names and values that HTTP allows');
    }
    headers[lower] = value;
  }
  headers['content-type'] = endpoint.contentType;
  if (endpoint.compression === 'gzip') headers['content-encoding'] = 'gzip';
  return headers;
}

export function checkLimits(given: DestinationOptions<never>['limits']): DeliveryLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'lingerMillis' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new DestinationOptionsError(`limits.${name}`, `a whole number, at least ${least}`);
    }
  }
  if (limits.maxRequestBytes > OTLP_REQUEST_BYTES) {
    throw new DestinationOptionsError('limits.maxRequestBytes', `at most ${OTLP_REQUEST_BYTES}, the limit of OTLP`);
  }
  return limits;
}

export function checkRetry(given: DestinationOptions<never>['retry']): RetryOptions {
  const retry = { ...DEFAULT_RETRY, ...given };
  const sound = retry.initialMillis > 0 && retry.maxMillis >= retry.initialMillis && retry.factor >= 1;
  if (!sound || !(retry.jitter >= 0 && retry.jitter <= 1)) {
    throw new DestinationOptionsError('retry', '0 < initialMillis ≤ maxMillis, factor ≥ 1, jitter between 0 and 1');
  }
  return retry;
}
