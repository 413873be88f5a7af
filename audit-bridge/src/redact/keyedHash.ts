import { createHmac } from 'node:crypto';
import { canonicalJson } from '../model/canonicalJson.ts';

/** Keyed digest of a text in hexadecimal, at least 32 digits; the same text always gives the same one. */
export type KeyedHash = (text: string) => string;

/** HMAC-SHA256 under the installation's key. */
export function createKeyedHash(key: string | Uint8Array): KeyedHash {
  return (text) => createHmac('sha256', key).update(text, 'utf8').digest('hex');
}

/** What stands for a value that is not shown. */
export const HASH_MARK = 'hmac:';

/** 48 bits: enough to see that two values are equal, too few to be of use anywhere else. */
const SHOWN_DIGITS = 12;

/** `hmac:<12 hex>` of a text as it is, or of anything else in canonical JSON. */
export function hashedValue(value: unknown, hash: KeyedHash): string {
  return `${HASH_MARK}${hash(typeof value === 'string' ? value : anyJson(value)).slice(0, SHOWN_DIGITS)}`;
}

/**
 * Canonical JSON of any value: texts with half a surrogate pair, which that form does not know, are repaired; what JSON
 * cannot say at all is `null`.
 */
export function anyJson(value: unknown): string {
  try {
    return canonicalJson(value);
  } catch {
    return canonicalJson(wellFormed(value) ?? null);
  }
}

/** A copy that canonical JSON can say. YAML knows infinite numbers and references to an outer value; JSON does not. */
function wellFormed(value: unknown, outer: readonly unknown[] = []): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (outer.includes(value) || outer.length > MAX_REPAIRED_DEPTH) return null;
  const within = [...outer, value];
  if (Array.isArray(value)) return value.map((item) => wellFormed(item, within));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item, within)]));
}

/** Configuration nests some ten levels; deeper values are told apart down to here only. */
const MAX_REPAIRED_DEPTH = 200;
