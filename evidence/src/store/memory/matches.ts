import { RE2JS } from 're2js';
import { REQUEST_FIELDS, type RequestField } from '../fields.ts';
import type { FilterValue, RequestFilter } from '../query.ts';
import { StoreQueryError } from '../store.ts';
import { fieldValues } from './fieldValues.ts';
import type { JsonObject } from './json.ts';
import { micros } from './place.ts';

const FREE_TEXT_FIELDS = (Object.keys(REQUEST_FIELDS) as RequestField[]).filter(
  (field) => 'freeText' in REQUEST_FIELDS[field],
);

export type Condition = (request: JsonObject) => boolean;

/**
 * Whether a request, as its reader sees it, fulfils every condition.
 *
 * @throws StoreQueryError `regex_invalid`.
 */
export function conditionOf(filters: readonly RequestFilter[], text: string | undefined): Condition {
  const conditions = filters.map(filterCondition);
  const phrase = lowerCase((text ?? '').toWellFormed());
  return (request) =>
    conditions.every((holds) => holds(request)) &&
    (phrase === '' ||
      FREE_TEXT_FIELDS.some((field) =>
        fieldValues(request, field).some((value) => lowerCase(String(value)).includes(phrase)),
      ));
}

function filterCondition({ field, op, value }: RequestFilter, at: number): Condition {
  const isTime = REQUEST_FIELDS[field].type === 'time';
  const read = (one: FilterValue) => {
    if (isTime) return micros(Number(one));
    return typeof one === 'string' ? one.toWellFormed() : one;
  };
  const valuesOf = (request: JsonObject) => fieldValues(request, field).map(read);
  const any = (holds: (found: FilterValue) => boolean) => (request: JsonObject) => valuesOf(request).some(holds);
  const none = (holds: (found: FilterValue) => boolean) => (request: JsonObject) => !valuesOf(request).some(holds);
  const list = (Array.isArray(value) ? (value as readonly FilterValue[]) : [value as FilterValue]).map(read);
  const one = list[0] as FilterValue;
  switch (op) {
    case 'eq':
      return any((found) => found === one);
    case 'neq':
      return none((found) => found === one);
    case 'in':
      return any((found) => list.includes(found));
    case 'nin':
      return none((found) => list.includes(found));
    case 'contains':
      return any((found) => lowerCase(String(found)).includes(lowerCase(String(one))));
    case 'regex': {
      const expression = compileRegex(String(one), `filters[${at}].value`);
      return any((found) => expression.matcher(String(found)).find());
    }
    case 'gt':
      return any((found) => compareValues(found, one) > 0);
    case 'gte':
      return any((found) => compareValues(found, one) >= 0);
    case 'lt':
      return any((found) => compareValues(found, one) < 0);
    case 'lte':
      return any((found) => compareValues(found, one) <= 0);
    case 'exists':
      return (request) => valuesOf(request).length > 0 === value;
  }
}

/** Texts by code points (which is the order of their UTF-8 bytes), numbers by size. */
export function compareValues(a: FilterValue, b: FilterValue): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** Letter by letter: the lower case of a whole text depends on what stands around a letter (`Σ`). */
export function lowerCase(text: string): string {
  let lower = '';
  for (const letter of text) lower += letter.toLowerCase();
  return lower;
}

function compileRegex(expression: string, where: string): RE2JS {
  try {
    return RE2JS.compile(expression, RE2JS.DOTALL);
  } catch {
    throw new StoreQueryError('regex_invalid', `${where}: RE2 does not understand the expression`, where);
  }
}
