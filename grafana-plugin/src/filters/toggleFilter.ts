import type { FilterOperator } from '../api/contract';
import { isFilterable } from '../frames/labels';
import { isFiltered, type ObservabilityQuery, type QueryFilter } from '../query/model';

/** Operators that take a value in, and those that leave one out. */
const FOR: readonly FilterOperator[] = ['eq', 'in'];
const OUT: readonly FilterOperator[] = ['neq', 'nin'];

type Direction = 'FILTER_FOR' | 'FILTER_OUT';

/** Whether the query asks for exactly this value; the button at the value then is shown as pressed. */
export function hasFilter(query: ObservabilityQuery, field: string, value: string): boolean {
  return isFiltered(query) && query.filters.some((filter) => holds(filter, field, value, FOR));
}

/**
 * The query with the value of a field taken in, or left out; pressed again, without that. Several values of a field
 * become one filter, since no request has two of them, and a value is never taken in and left out at once.
 */
export function toggleFilter<Query extends ObservabilityQuery>(
  query: Query,
  direction: Direction,
  field: string,
  value: string,
): Query {
  if (!isFiltered(query) || !isFilterable(field)) return query;
  const operators = direction === 'FILTER_FOR' ? FOR : OUT;
  const had = query.filters.some((filter) => holds(filter, field, value, operators));
  const without = query.filters.flatMap((filter) => withoutValue(filter, field, value));
  return { ...query, filters: had ? without : withValue(without, field, value, operators) };
}

/** The query with a filter more; one that is there already stays as it is. */
export function addFilter<Query extends ObservabilityQuery>(
  query: Query,
  direction: Direction,
  field: string,
  value: string,
): Query {
  if (!isFiltered(query)) return query;
  const operators = direction === 'FILTER_FOR' ? FOR : OUT;
  if (query.filters.some((filter) => holds(filter, field, value, operators))) return query;
  return toggleFilter(query, direction, field, value);
}

const holds = (
  { field, op, values }: QueryFilter,
  wanted: string,
  value: string,
  operators: readonly FilterOperator[],
) => field === wanted && operators.includes(op) && values.includes(value);

function withoutValue(filter: QueryFilter, field: string, value: string): QueryFilter[] {
  if (!holds(filter, field, value, [...FOR, ...OUT])) return [filter];
  const values = filter.values.filter((each) => each !== value);
  return values.length === 0 ? [] : [{ ...filter, values }];
}

function withValue(
  filters: readonly QueryFilter[],
  field: string,
  value: string,
  [one = 'eq', many = 'in']: readonly FilterOperator[],
): QueryFilter[] {
  const found = filters.find((filter) => filter.field === field && (filter.op === one || filter.op === many));
  if (found === undefined) return [...filters, { field, op: one, values: [value] }];
  return filters.map((filter) => (filter === found ? { field, op: many, values: [...found.values, value] } : filter));
}
