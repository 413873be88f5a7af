import { withoutSecrets } from '@aisix-observability/evidence';
import { hashedValue, type KeyedHash } from './keyedHash.ts';
import { cleanText, type Found } from './text.ts';

/** Longer ones are not addresses of services. */
const MAX_URL_LENGTH = 1024;

const WITH_SCHEME = /^[a-z][a-z0-9+.-]{0,31}:\/\//i;
/**
 * `host.name`, `host:port`, `host.name/path`: some fields take an address without a scheme. A bare word may be anything,
 * so it needs a dot or a port.
 */
const HOST_FIRST = /^[a-z0-9](?:[a-z0-9-]{0,63}\.[a-z0-9.-]{1,190}(?::\d{1,5})?|[a-z0-9-]{0,63}:\d{1,5})(?:\/|$)/i;

/** A part of a path without separators, of letters and digits mixed: rather a token than a word. */
const TOKEN_PART = /^(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_]{20,}$/;

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
  const path = url.pathname
    .split('/')
    .map((part) => safePart(part, hash, found))
    .join('/');
  // The parser writes a slash after a bare host; the value as it was had none.
  const bare = path === '/' && !/\/\/[^/?#]*\//.test(hasScheme ? clean : `//${clean}`);
  return `${hasScheme ? `${url.protocol}//` : ''}${url.host}${bare ? '' : path}`;
}

function safePart(part: string, hash: KeyedHash, found: Found): string {
  const plain = decoded(part);
  if (TOKEN_PART.test(plain) || withoutSecrets(plain, found) !== plain) return hashedValue(plain, hash);
  return part;
}

function decoded(part: string): string {
  try {
    return cleanText(decodeURIComponent(part));
  } catch {
    return part;
  }
}
