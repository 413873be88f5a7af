import { type FieldType, REQUEST_FIELDS, type RequestField } from '../../fields.ts';
import type { FilterValue, ReadScope, RequestFilter } from '../../query.ts';
import type { Parameters } from '../engine/parameters.ts';
import { type FieldSql, fieldSql } from './fieldSql.ts';

/** Up to this many values are compared one by one, which the engine turns into ranges and sets of its own. */
const MAX_IN_LIST = 100;

const MAX_INT64 = 2n ** 63n - 1n;

/** Holds for rows that a caller may see and asks for; all values are parameters. */
export function selectionSql(
  query: { readonly scope: ReadScope; readonly filters: readonly RequestFilter[]; readonly text?: string },
  parameters: Parameters,
): string {
  return [
    environmentSql(query.scope, parameters),
    ...query.filters.map((filter) => filterSql(filter, query.scope, parameters)),
    ...(query.text === undefined || query.text === '' ? [] : [freeTextSql(query.text, query.scope, parameters)]),
  ].join(' AND ');
}

/** `r.start_us` in `[from, to)`, epoch milliseconds. */
export function rangeSql(from: number, to: number, parameters: Parameters): string {
  return `r.start_us >= ${parameters.whole(micros(from))} AND r.start_us < ${parameters.whole(micros(to))}`;
}

/** Whole µs, inside of what the engine counts in 64 bits. */
export function micros(millis: number): number {
  return Math.min(Math.max(Math.round(millis * 1000), -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

export function environmentSql({ environments }: ReadScope, parameters: Parameters): string {
  if (environments.length === 0) return 'false';
  return `r.environment IN (${environments.map((id) => parameters.text(id)).join(', ')})`;
}

/** Whether a statement with these fields needs `NAMES_JOIN`. */
export function needsNames(fields: readonly RequestField[], text: string | undefined): boolean {
  return fields.includes('apiKeyName') || (text !== undefined && text !== '');
}

export function filterSql({ field, op, value }: RequestFilter, scope: ReadScope, parameters: Parameters): string {
  const { type } = REQUEST_FIELDS[field];
  const where = fieldSql(field, scope);
  const negative = op === 'neq' || op === 'nin' || (op === 'exists' && value === false);
  if (where === undefined) return negative ? 'true' : 'false';
  const list = (Array.isArray(value) ? value : [value]) as readonly FilterValue[];
  if (field === 'requestId' && (op === 'eq' || op === 'in')) return requestIdSql(list, parameters);
  const held = (): string[] => list.map((one) => parameter(type, one, parameters));
  const comparing = (operator: string) => {
    const [one] = held();
    return (expression: string) => `${expression} ${operator} ${one}`;
  };
  const test = (() => {
    switch (op) {
      case 'eq':
      case 'neq':
        return comparing('=');
      case 'in':
      case 'nin':
        return membership(type, list, parameters);
      case 'contains':
        return containing(parameters.text(String(value)), type);
      case 'regex': {
        const expression = parameters.text(String(value));
        return (found: string) => `regexp_matches(${asText(found, type)}, ${expression}, 's')`;
      }
      case 'gt':
        return comparing('>');
      case 'gte':
        return comparing('>=');
      case 'lt':
        return comparing('<');
      case 'lte':
        return comparing('<=');
      case 'exists':
        return (found: string) => `${found} IS NOT NULL`;
    }
  })();
  const any = anySql(where, test);
  return negative ? `NOT coalesce(${any}, false)` : `(${any})`;
}

function requestIdSql(ids: readonly FilterValue[], parameters: Parameters): string {
  const cases = ids.map((id) => sameRequestId(String(id), parameters));
  return cases.length === 0 ? 'false' : `(${cases.join(' OR ')})`;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of a row `r`, compared in the form in which it is kept. */
export function sameRequestId(id: string, parameters: Parameters): string {
  const given = parameters.text(id);
  return UUID.test(id) ? `r.request_uuid = ${given}::UUID` : `r.request_text = ${given}`;
}

function membership(type: FieldType, list: readonly FilterValue[], parameters: Parameters) {
  if (list.length === 0) return () => 'false';
  if (list.length <= MAX_IN_LIST || type === 'boolean' || type === 'time') {
    const given = list.map((one) => parameter(type, one, parameters)).join(', ');
    return (found: string) => `${found} IN (${given})`;
  }
  const given = type === 'text' ? parameters.texts(list.map(String)) : parameters.numbers(list.map(Number));
  return (found: string) => `list_contains(${given}, ${found})`;
}

function parameter(type: FieldType, value: FilterValue, parameters: Parameters): string {
  switch (type) {
    case 'text':
      return parameters.text(String(value));
    case 'number':
      return parameters.number(Number(value));
    case 'boolean':
      return parameters.boolean(value === true);
    case 'time':
      return parameters.whole(micros(Number(value)));
  }
}

/** Numbers as everybody writes them: without `.0`. */
function asText(found: string, type: FieldType): string {
  return type === 'text' ? found : `regexp_replace((${found})::VARCHAR, '\\.0$', '')`;
}

const containing = (phrase: string, type: FieldType) => (found: string) =>
  `contains(lower(${asText(found, type)}), lower(${phrase}))`;

/** Holds when any value of the field passes the test; NULL counts as no value. */
function anySql(where: FieldSql, test: (found: string) => string): string {
  switch (where.kind) {
    case 'one':
      return test(where.sql);
    case 'attempts':
      return `coalesce(${test(`r.a_${where.column}`)}, false) OR (r.more IS NOT NULL AND ${someIn(
        'r.more',
        test(`v.${where.column}`),
      )})`;
    case 'list':
      return `${where.sql} IS NOT NULL AND ${someIn(where.sql, test('v'))}`;
  }
}

const someIn = (list: string, condition: string) =>
  `len(list_filter(${list}, lambda v: coalesce(${condition}, false))) > 0`;

const FREE_TEXT_FIELDS = (Object.keys(REQUEST_FIELDS) as RequestField[]).filter(
  (field) => 'freeText' in REQUEST_FIELDS[field],
);

/** What can stand in a UUID or a trace id: any other phrase need not be searched there. */
const HEX_PHRASE = /^[0-9a-f-]+$/i;

function freeTextSql(text: string, scope: ReadScope, parameters: Parameters): string {
  const phrase = parameters.text(text);
  const test = containing(phrase, 'text');
  const inAttempts: string[] = [];
  const conditions: string[] = [];
  for (const field of FREE_TEXT_FIELDS) {
    const where = fieldSql(field, scope);
    if (where === undefined) continue;
    if (where.kind === 'attempts') {
      conditions.push(`coalesce(${test(`r.a_${where.column}`)}, false)`);
      inAttempts.push(`coalesce(${test(`v.${where.column}`)}, false)`);
    } else if (field === 'requestId' && !HEX_PHRASE.test(text)) {
      conditions.push(`coalesce(${test('r.request_text')}, false)`);
    } else if (field === 'traceId' && !HEX_PHRASE.test(text)) {
      conditions.push(`coalesce(${test('r.trace_text')}, false)`);
    } else conditions.push(`coalesce(${anySql(where, test)}, false)`);
  }
  return `(${[
    ...conditions,
    `(r.more IS NOT NULL AND len(list_filter(r.more, lambda v: ${inAttempts.join(' OR ')})) > 0)`,
  ].join(' OR ')})`;
}

/** A number of µs as a literal: only ever made by this driver. */
export function literal(value: number): string {
  const whole = BigInt(value);
  if (whole > MAX_INT64 || whole < -MAX_INT64) throw new RangeError('not a 64-bit number');
  return whole.toString();
}
