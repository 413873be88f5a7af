import fc from 'fast-check';
import type { GatewayRequest } from '../../model/request.ts';
import { type FilterOperator, OPERATORS_OF_TYPE, REQUEST_FIELDS, type RequestField } from '../fields.ts';
import { fieldValues } from '../memory/fieldValues.ts';
import type { JsonObject } from '../memory/json.ts';
import type { FilterValue, RequestFilter, RequestSelection } from '../query.ts';
import { DAY_MILLIS, FIRST_DAY, NASTY_TEXTS, startTime } from './arbitraryRequest.ts';

export const FIELDS = Object.keys(REQUEST_FIELDS) as RequestField[];

/** What stands in a field of some requests, so that a condition on it finds something. */
export function valuesHeld(requests: readonly GatewayRequest[], field: RequestField): FilterValue[] {
  const held = requests.flatMap((request) => fieldValues(request as unknown as JsonObject, field));
  return [...new Set(held)];
}

/** A literal text as a regular expression. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\n', '\\n');
}

const swapCase = (text: string) => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

/** Parts of a text, whole letters only; now and then in the other case where that has as many letters. */
function partOf(text: string): fc.Arbitrary<string> {
  const letters = [...text];
  const other = (part: string) => (swapCase(part).length === part.length ? swapCase(part) : part);
  return fc
    .tuple(fc.nat({ max: letters.length }), fc.nat({ max: letters.length }))
    .map(([a, b]) => letters.slice(Math.min(a, b), Math.max(a, b)).join(''))
    .chain((part) => fc.constantFrom(part, other(part)));
}

function regexOf(value: string): fc.Arbitrary<string> {
  const literal = escapeRegex(value);
  return fc.constantFrom(
    literal,
    `^${literal}$`,
    `(?i)${literal}`,
    `${literal}|smart`,
    `^(?:${literal})?.+$`,
    '.*',
    '',
    '^$',
    '^.$',
    '[0-9]{2}',
    '\\d+$',
    '^\\w+$',
    '(?i)[a-c]',
    '^[^a-z]*$',
    'one.line',
    '\\.',
    '\\s',
  );
}

function valueFor(
  field: RequestField,
  op: FilterOperator,
  held: readonly FilterValue[],
): fc.Arbitrary<RequestFilter['value']> {
  const { type } = REQUEST_FIELDS[field];
  const other = { text: 'nowhere', number: 7, boolean: true, time: FIRST_DAY }[type];
  const known = fc.constantFrom(...held, other);
  if (op === 'exists') return fc.boolean();
  if (op === 'contains') return known.chain((value) => partOf(String(value)));
  if (op === 'regex') return known.chain((value) => regexOf(String(value)));
  const near: Record<typeof type, fc.Arbitrary<FilterValue>> = {
    text: fc.oneof(known, fc.constantFrom(...NASTY_TEXTS)),
    number: fc.oneof(
      known,
      fc.tuple(known, fc.constantFrom(-0.5, 1)).map(([value, by]) => Number(value) + by),
    ),
    boolean: fc.boolean(),
    time: fc.oneof(known, startTime),
  };
  return op === 'in' || op === 'nin' ? fc.array(near[type], { maxLength: 4 }) : near[type];
}

/** Conditions on one field that find something, and some that do not. */
export function filterOn(
  field: RequestField,
  op: FilterOperator,
  requests: readonly GatewayRequest[],
): fc.Arbitrary<RequestFilter> {
  return valueFor(field, op, valuesHeld(requests, field)).map((value) => ({ field, op, value }));
}

/** Any operator on any field. */
export function filterAmong(requests: readonly GatewayRequest[]): fc.Arbitrary<RequestFilter> {
  return fc
    .constantFrom(...FIELDS)
    .chain((field) => fc.tuple(fc.constant(field), fc.constantFrom(...OPERATORS_OF_TYPE[REQUEST_FIELDS[field].type])))
    .chain(([field, op]) => filterOn(field, op, requests));
}

/** Texts that stand in free-text fields, or parts of them. */
export const freeText = fc.constantFrom(...NASTY_TEXTS, 'request-1', 'key-2', '4bf92f').chain(partOf);

const edge = fc.oneof(
  { weight: 3, arbitrary: startTime.map(Math.floor) },
  { weight: 1, arbitrary: fc.nat({ max: 6 }).map((day) => FIRST_DAY + day * DAY_MILLIS) },
);
export const range = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ from: FIRST_DAY - 1, to: FIRST_DAY + 7 * DAY_MILLIS }) },
  {
    weight: 3,
    arbitrary: fc.tuple(edge, edge).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  },
);

export const environments = fc.constantFrom(['prod'], ['staging'], ['prod', 'staging'], ['prod'], ['nowhere'], []);

/** Any selection, of a caller who sees everything clear. */
export function selectionAmong(requests: readonly GatewayRequest[]): fc.Arbitrary<RequestSelection> {
  return fc
    .tuple(
      range,
      environments,
      fc.array(filterAmong(requests), { maxLength: 2 }),
      fc.option(freeText, { nil: undefined, freq: 3 }),
    )
    .map(([{ from, to }, ids, filters, text]) => ({
      from,
      to,
      scope: { environments: ids, visibility: {} },
      filters,
      ...(text !== undefined && { text }),
    }));
}
