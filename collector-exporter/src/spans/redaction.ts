import { createKeyedHash, type KeyedHash } from '@aisix-observability/evidence';
import type { Attributes, AttributeValue } from '@opentelemetry/api';

export interface RedactionSettings {
  /** Names of attributes that are left out. */
  readonly drop?: readonly string[];
  /** Names of attributes whose value is replaced by a keyed hash; equal values stay equal. */
  readonly hash?: readonly string[];
  /** Key of the hashes; required as soon as something is hashed. */
  readonly key?: string;
}

/** What a destination may not see, applied to everything that is built of an attribute: name, status message, resource. */
export interface Redaction {
  /** Replaces and removes in place. */
  apply(attributes: Attributes): void;
  /** The text as it may stand elsewhere than in its attribute; undefined when that attribute is dropped. */
  text(name: string, value: string): string | undefined;
}

/**
 * Redaction of one destination, or undefined when it may see everything.
 *
 * @throws RangeError when values are to be hashed and there is no key: a hash without one can be undone by trying.
 */
export function createRedaction({ drop = [], hash = [], key }: RedactionSettings): Redaction | undefined {
  if (drop.length === 0 && hash.length === 0) return undefined;
  const dropped = new Set(drop);
  const hashed = new Set(hash.filter((name) => !dropped.has(name)));
  const hmac = hash.length === 0 ? neverAsked : keyedHash(key);
  const hashOf = (value: AttributeValue): AttributeValue =>
    Array.isArray(value) ? value.map((item) => hmac(String(item))) : hmac(String(value));

  return {
    apply(attributes) {
      for (const name of dropped) if (Object.hasOwn(attributes, name)) delete attributes[name];
      for (const name of hashed) {
        const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
        if (value !== undefined) attributes[name] = hashOf(value as AttributeValue);
      }
    },
    text(name, value) {
      if (dropped.has(name)) return undefined;
      return hashed.has(name) ? hmac(value) : value;
    },
  };
}

function keyedHash(key: string | undefined): KeyedHash {
  if (key === undefined || key === '') throw new RangeError('redaction.hash needs a redaction key');
  return createKeyedHash(key);
}

/** Where nothing is named to be hashed; were it asked all the same, it shows nothing. */
const neverAsked: KeyedHash = () => '';
