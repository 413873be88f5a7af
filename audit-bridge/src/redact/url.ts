import { withoutSecrets } from '@aisix-observability/evidence';
import type { KeyedHash } from './keyedHash.ts';
import { safePart } from './pathPart.ts';
import { cleanText, type Found } from './plainText.ts';

/** Longer ones are not addresses of services. */
const MAX_URL_LENGTH = 1024;

const WITH_SCHEME = /^[a-z][a-z0-9+.-]{0,31}:\/\//i;
/**
 * `host.name`, `host:port`, `host.name/path`: some fields take an address without a scheme. A bare word may be anything,
 * so it needs a dot or a port.
 */
const HOST_FIRST = /^[a-z0-9](?:[a-z0-9-]{0,63}\.[a-z0-9.-]{1,190}(?::\d{1,5})?|[a-z0-9-]{0,63}:\d{1,5})(?:\/|$)/i;

/**
 * Scheme, host, port and path of a URL; user, password, query and fragment are taken out, and parts of the path that
 * look like a token are hashed. Undefined for what is not a URL.
 */
export function safeUrl(text: string, hash: KeyedHash, found: Found): string | undefined {
  const clean = cleanText(text).trim();
  if (clean === '' || clean.length > MAX_URL_LENGTH) return undefined;
  const hasScheme = WITH_SCHEME.test(clean);
  if (!hasScheme && !HOST_FIRST.test(clean)) return undefined;
  const url = URL.parse(hasScheme ? clean : `http://${clean}`);
  if (url === null || url.host === '' || withoutSecrets(url.host, found) !== url.host) return undefined;
  // The parser ends a user at the first slash, but a password may hold one: `https://user:12/34@host`.
  if (url.pathname.includes('@')) return undefined;
  const path = url.pathname
    .split('/')
    .map((part) => safePart(part, hash, found))
    .join('/');
  // The parser writes a slash after a bare host; the value as it was had none.
  const bare = path === '/' && !/\/\/[^/?#]*\//.test(hasScheme ? clean : `//${clean}`);
  return `${hasScheme ? `${url.protocol}//` : ''}${url.host}${bare ? '' : path}`;
}
