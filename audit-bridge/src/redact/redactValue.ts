import { HASH_MARK, hashedValue, type KeyedHash } from './keyedHash.ts';
import type { Found } from './plainText.ts';
import { type Rule, ruleAt } from './rule.ts';
import { safeLabel } from './text.ts';
import { safeUrl } from './url.ts';

/** What redaction needs beside rules. */
export interface RedactContext {
  readonly hash: KeyedHash;
  /** What the patterns found so far. */
  readonly found: Found;
}

/** The gateway's documents nest six levels; conditions may nest further, but nobody writes them so. */
const MAX_DEPTH = 16;

/**
 * A value with everything that its rule does not allow replaced by `hmac:<12 hex>`. `null` stays: that nothing is set
 * is no secret.
 */
export function redactValue(value: unknown, rule: Rule, context: RedactContext, depth = 0): unknown {
  if (value === null || value === undefined) return null;
  const { hash, found } = context;
  if (depth <= MAX_DEPTH) {
    switch (rule.type) {
      case 'label':
        if (typeof value === 'string') return safeLabel(value, hash, found);
        break;
      case 'number':
        if (typeof value === 'number' && Number.isFinite(value)) return value;
        break;
      case 'flag':
        if (typeof value === 'boolean') return value;
        break;
      case 'url': {
        const shown = typeof value === 'string' ? safeUrl(value, hash, found) : undefined;
        if (shown !== undefined) return shown;
        break;
      }
      case 'list':
        if (Array.isArray(value)) return value.map((item) => redactValue(item, rule.of, context, depth + 1));
        break;
      case 'map':
      case 'object':
        if (isRecord(value) && !isOverfull(value)) return redactFields(value, rule, context, depth + 1);
        break;
      case 'either': {
        const fitting = rule.of.find((one) => fits(value, one));
        if (fitting !== undefined) return redactValue(value, fitting, context, depth);
        break;
      }
    }
  }
  return hashedValue(value, hash);
}

function redactFields(value: Readonly<Record<string, unknown>>, rule: Rule, context: RedactContext, depth: number) {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    fields[safeKey(key, rule, context)] = redactValue(value[key], ruleAt(rule, key), context, depth);
  }
  return fields;
}

/** Names of fields as schemas have them; a token in the place of a name nearly always has a digit in it. */
const FIELD_NAME = /^[A-Za-z][A-Za-z_-]{0,63}$/;

/** A name of a field as it may be shown: foreseen ones as they are, others only when they look like a name. */
export function safeKey(key: string, rule: Rule, { hash, found }: RedactContext): string {
  if (rule.type === 'list') return /^(?:\d{1,6}|-)$/.test(key) ? key : hashedValue(key, hash);
  if (rule.type === 'object' && ruleAt(rule, key).type !== 'secret') return key;
  if (key === '__proto__' || key === '') return hashedValue(key, hash);
  if (rule.type === 'map') return safeLabel(key, hash, found);
  return FIELD_NAME.test(key) ? safeLabel(key, hash, found) : hashedValue(key, hash);
}

function fits(value: unknown, rule: Rule): boolean {
  switch (rule.type) {
    case 'label':
    case 'url':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return isRecord(value);
    case 'either':
      return rule.of.some((one) => fits(value, one));
    case 'secret':
      return false;
  }
}

/** Whether a redacted value holds a hash or a mark of the patterns: then something of it is not shown. */
export function holdsHidden(redacted: unknown): boolean {
  if (typeof redacted === 'string') return redacted.includes(HASH_MARK) || redacted.includes('[redacted:');
  if (typeof redacted !== 'object' || redacted === null) return false;
  return Object.entries(redacted).some(([key, value]) => key.startsWith(HASH_MARK) || holdsHidden(value));
}

/** Real documents have tens; every field that is not foreseen costs a hash. */
const MAX_FIELDS = 1000;

/** Whether an object has more fields than anybody writes: it then counts as one value. */
export function isOverfull(...objects: readonly object[]): boolean {
  return objects.some((one) => Object.keys(one).length > MAX_FIELDS);
}

/** A JSON object that is not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
