import {
  type FilterOperator,
  type FilterValue,
  OPERATORS_OF_TYPE,
  type ReadScope,
  type RequestField,
  type RequestFilter,
} from '@aisix-observability/evidence';
import { nearest } from '../../config/nearest.ts';
import type { FilterBody } from '../contract/bodies.ts';
import { show } from '../contract/problem.ts';
import { ApiError } from '../errors.ts';
import { API_LIMITS } from '../limits.ts';
import { type EnvironmentName, environmentId } from './environments.ts';
import { findField, specOf, visibilityOf } from './fields.ts';
import { checkTime } from './range.ts';

/** A hash says whether two values are the same and nothing more. */
export const OPERATORS_ON_HASHES: readonly FilterOperator[] = ['eq', 'neq', 'in', 'nin', 'exists'];

/**
 * The filters of a query, with fields found, types checked and names of environments turned into ids.
 *
 * @throws ApiError that names the filter by its place
 */
export function checkFilters(
  filters: readonly FilterBody[],
  scope: ReadScope,
  environments: readonly EnvironmentName[],
): readonly RequestFilter[] {
  return filters.map((filter, index) => {
    const place = `filters[${index}]`;
    const field = findField(filter.field, `${place}.field`, scope);
    const { op } = filter;
    checkOperator(field, op, place, scope);
    const read = (value: unknown, at: string) => {
      const checked = readValue(field, op, value, at);
      return field === 'environment' && typeof checked === 'string'
        ? (environmentId(checked, scope.environments, environments) ?? checked)
        : checked;
    };
    return { field, op, value: readValues(op, filter.value, `${place}.value`, read) };
  });
}

function checkOperator(field: RequestField, op: FilterOperator, place: string, scope: ReadScope): void {
  const { type } = specOf(field);
  const fitting = OPERATORS_OF_TYPE[type];
  if (!fitting.includes(op)) {
    throw new ApiError(
      'operator_not_applicable',
      `\`${place}.op\` is \`${op}\`, which does not fit \`${field}\` of type ${type}`,
      `use one of ${fitting.join(', ')}`,
    );
  }
  if (visibilityOf(field, scope) === 'hashed' && !OPERATORS_ON_HASHES.includes(op)) {
    throw new ApiError(
      'field_hashed',
      `\`${place}.op\` is \`${op}\`, but you see \`${field}\` as a hash`,
      `use one of ${OPERATORS_ON_HASHES.join(', ')}, with the hash as it is shown`,
    );
  }
}

function readValues(
  op: FilterOperator,
  value: FilterBody['value'],
  place: string,
  read: (value: unknown, place: string) => FilterValue,
): RequestFilter['value'] {
  const many = op === 'in' || op === 'nin';
  if (!many) {
    if (Array.isArray(value)) throw invalid(place, value, `one value, since \`op\` is \`${op}\``);
    return read(value, place);
  }
  if (!Array.isArray(value)) throw invalid(place, value, `a list, since \`op\` is \`${op}\``);
  if (value.length === 0) throw invalid(place, value, 'at least one value');
  return value.map((each, index) => read(each, `${place}[${index}]`));
}

/** A decimal number as JSON writes it; variables of dashboards are texts, whatever they hold. */
const NUMBER = /^-?\d{1,17}(\.\d{1,17})?([eE][+-]?\d{1,2})?$/;

function readValue(field: RequestField, op: FilterOperator, value: unknown, place: string): FilterValue {
  if (op === 'contains' || op === 'regex') return readPattern(op, value, place);
  const { type, values } = specOf(field);
  if (op === 'exists' || type === 'boolean') {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalid(place, value, 'true or false');
  }
  if (type === 'number' || type === 'time') {
    const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
    if (typeof number !== 'number') throw invalid(place, value, `a number, since \`${field}\` holds numbers`);
    return type === 'time' ? checkTime(place, number) : number;
  }
  if (typeof value !== 'string') throw invalid(place, value, `a text, since \`${field}\` holds texts`);
  if (values !== undefined && !values.includes(value)) {
    const near = nearest(value, values);
    throw new ApiError(
      'value_invalid',
      `\`${place}\` holds ${show(value)}, which \`${field}\` never has`,
      near === undefined ? `it is one of ${values.join(', ')}` : `did you mean \`${near}\`?`,
    );
  }
  return value;
}

function readPattern(op: 'contains' | 'regex', value: unknown, place: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(place, value, 'a text that is not empty');
  const limit = API_LIMITS.regexCharacters.value;
  if (op === 'regex' && value.length > limit) {
    throw new ApiError('limit_exceeded', `\`${place}\` is limited to ${limit} characters, found ${value.length}`);
  }
  return value;
}

function invalid(place: string, value: unknown, expected: string): ApiError {
  return new ApiError('value_invalid', `\`${place}\` holds ${show(value)}, expected ${expected}`);
}
