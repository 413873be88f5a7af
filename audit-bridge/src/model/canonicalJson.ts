import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Hexadecimal digits of a hash that names a value: 128 bits, so that no two ever meet by chance. */
const HASH_DIGITS = 32;

/**
 * The JSON Canonicalization Scheme (RFC 8785): the same text for the same value, whatever the order of its keys.
 *
 * Halves of surrogate pairs become U+FFFD.
 *
 * @throws TypeError for what has no JSON form at all.
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch {
    // Halves of surrogate pairs are no Unicode: names may hold them, the scheme and UTF-8 do not.
    text = canonicalize(wellFormed(value));
  }
  if (text === undefined) throw new TypeError('a value without a JSON form');
  return text;
}

function wellFormed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  );
}

/** First 32 hexadecimal digits of the SHA-256 of a value's canonical JSON: equal values have equal hashes. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_DIGITS);
}
