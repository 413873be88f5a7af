import { isObject } from './fields.ts';

/** Elements read of a list attribute; the gateway writes one. */
const MAX_ARRAY_VALUES = 16;

const DECIMAL = /^-?\d{1,19}$/;

/**
 * The plain value of an OTLP `AnyValue` in JSON form: 64-bit integers come as decimal strings or as numbers, lists
 * become lists of plain values. Undefined for nested maps, bytes and whatever is malformed.
 */
export function plainValue(any: unknown): string | number | boolean | readonly unknown[] | undefined {
  if (!isObject(any)) return undefined;
  if (typeof any.stringValue === 'string') return any.stringValue;
  if (any.intValue !== undefined && any.intValue !== null) return integerOf(any.intValue);
  if (typeof any.doubleValue === 'number') return any.doubleValue;
  if (typeof any.boolValue === 'boolean') return any.boolValue;
  const list = isObject(any.arrayValue) ? any.arrayValue.values : undefined;
  if (!Array.isArray(list)) return undefined;
  return list
    .slice(0, MAX_ARRAY_VALUES)
    .map((item) => (isObject(item) && item.arrayValue ? undefined : plainValue(item)));
}

function integerOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : undefined;
}
