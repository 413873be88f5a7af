import { createHmac } from 'node:crypto';

/**
 * Replaces a text by `hmac:<12 hex>`: equal texts stay equal under one key, and nobody without the key can find out
 * which text it was by trying.
 */
export type KeyedHash = (text: string) => string;

/** Digits of a hash that are shown: 48 bits, enough to tell a hundred thousand callers apart. */
const SHOWN_DIGITS = 12;

/** Hashes remembered: the same callers come again and again. */
const MAX_REMEMBERED = 4096;

/**
 * HMAC-SHA-256 under the installation's key. Whoever has the same key writes the same hashes: spans, changes, agents.
 *
 * @throws RangeError without a key: such a hash could be undone by trying.
 */
export function createKeyedHash(key: string): KeyedHash {
  if (key === '') throw new RangeError('a keyed hash needs a key');
  const remembered = new Map<string, string>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const hash = `hmac:${createHmac('sha256', key).update(text).digest('hex').slice(0, SHOWN_DIGITS)}`;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, hash);
    return hash;
  };
}
