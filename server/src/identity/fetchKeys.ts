import { type CryptoKey, importJWK, type JWK } from 'jose';

/** Of one fetch, headers and body together: an identity waits for it. */
export const JWKS_TIMEOUT_MILLIS = 5_000;

/** A key is 200 bytes, and Grafana adds one a month; beyond it this is not a key set. */
export const MAX_JWKS_BYTES = 64 * 1024;

/** More keys than a Grafana makes in years. */
export const MAX_KEYS = 64;

export type JwksErrorCode = 'unreachable' | 'timeout' | 'status' | 'too_large' | 'malformed' | 'no_keys';

/** The key set could not be had. The message is safe to show: it repeats nothing of what came. */
export class JwksError extends Error {
  readonly code: JwksErrorCode;

  constructor(code: JwksErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'JwksError';
    this.code = code;
  }
}

export type PublicKeys = ReadonlyMap<string, CryptoKey>;

export interface FetchKeysOptions {
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMillis?: number;
}

/**
 * Fetches a JSON Web Key Set (RFC 7517) and gives its P-256 signature keys by `kid`. Other keys are left out. Follows
 * no redirect: the URL is configured, and what it leads to is not.
 *
 * @throws JwksError
 */
export async function fetchKeys(
  url: string,
  { fetch, timeoutMillis = JWKS_TIMEOUT_MILLIS }: FetchKeysOptions,
): Promise<PublicKeys> {
  const keys = await importKeys(listed(await fetchText(url, fetch, AbortSignal.timeout(timeoutMillis))));
  if (keys.size === 0) throw new JwksError('no_keys', 'expected P-256 keys for signatures, found none');
  return keys;
}

async function fetchText(url: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new JwksError('status', `expected status 200, found ${response.status}`);
    }
    return await readCapped(response);
  } catch (error) {
    if (error instanceof JwksError) throw error;
    if (signal.aborted) throw new JwksError('timeout', 'expected an answer in time, found none', error);
    throw new JwksError('unreachable', 'expected an answer without redirect, found none', error);
  }
}

async function readCapped(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by an error cancels the body.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_JWKS_BYTES)
      throw new JwksError('too_large', `expected at most ${MAX_JWKS_BYTES} bytes, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listed(text: string): readonly unknown[] {
  try {
    const set: unknown = JSON.parse(text);
    if (set !== null && typeof set === 'object' && 'keys' in set && Array.isArray(set.keys)) {
      return set.keys.slice(0, MAX_KEYS);
    }
  } catch {
    // The same as any other text that is no key set.
  }
  throw new JwksError('malformed', 'expected a JSON Web Key Set, found something else');
}

async function importKeys(list: readonly unknown[]): Promise<PublicKeys> {
  const keys = new Map<string, CryptoKey>();
  for (const item of list) {
    if (item === null || typeof item !== 'object') continue;
    const { kid, kty, crv, x, y, use = 'sig', alg = 'ES256' } = item as JWK;
    if (typeof kid !== 'string' || keys.has(kid) || use !== 'sig' || alg !== 'ES256') continue;
    if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') continue;
    try {
      // Only these members: whatever else a key says of itself (`d`, `key_ops`, `x5u`) has no say here.
      const key = await importJWK({ kty, crv, x, y }, 'ES256');
      if (!(key instanceof Uint8Array)) keys.set(kid, key);
    } catch {
      // A point that is not on the curve; the other keys are still good.
    }
  }
  return keys;
}
