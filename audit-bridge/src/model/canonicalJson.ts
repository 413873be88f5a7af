import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Hexadecimal digits of a hash that names a value: 128 bits, so that no two ever meet by chance. */
const HASH_DIGITS = 32;

/**
 * The JSON Canonicalization Scheme (RFC 8785): the same text for the same value, whatever the order of its keys.
 *
 * Halves of surrogate pairs become U+FFFD.
 *
 * @throws for what has no JSON form (NaN, infinities, cycles).
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
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toWellFormed(), wellFormed(inner)]));
}

/** First 32 hexadecimal digits of the SHA-256 of a value's canonical JSON: equal values have equal hashes. */
export function valueHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, HASH_DIGITS);
}

/**
 * Remembers what follows from an object that nobody changes any more, such as a row that is kept parsed: folds ask for it
 * again and again.
 */
export function remembering<Of extends object, T>(make: (of: Of) => T): (of: Of) => T {
  const memory = new WeakMap<Of, { readonly made: T }>();
  return (of) => {
    const known = memory.get(of);
    if (known !== undefined) return known.made;
    const made = make(of);
    memory.set(of, { made });
    return made;
  };
}

/** `valueHash` of a document that nobody changes. */
export const documentHash: (document: object) => string = remembering(valueHash);
