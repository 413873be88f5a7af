import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Hexadecimal digits of a hash that names a value: 128 bits, so that no two ever meet by chance. */
const HASH_DIGITS = 32;

/**
 * The JSON Canonicalization Scheme (RFC 8785): the same text for the same value, whatever the order of its keys.
 *
 * @throws for what JSON has no word for (NaN, infinities, cycles).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a value without a JSON form');
  return text;
}

/** First 32 hexadecimal digits of the SHA-256 of a value's canonical JSON: equal values have equal hashes. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_DIGITS);
}
