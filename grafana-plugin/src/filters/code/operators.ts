import type { FilterOperator } from '../../api/contract';

/** Operators as they are written in code. Lists are in parentheses. */
export const OPERATOR_CODE: Readonly<Record<FilterOperator, string>> = {
  eq: '=',
  neq: '!=',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  regex: '=~',
  contains: 'contains',
  in: 'in',
  nin: 'not in',
  exists: 'exists',
};

export const SYMBOLS: ReadonlyMap<string, FilterOperator> = new Map(
  Object.entries(OPERATOR_CODE)
    .filter(([, code]) => !/[a-z]/.test(code))
    .map(([op, code]) => [code, op as FilterOperator]),
);

/** Words of the language; a name that is one of them stands in quotes. */
export const KEYWORDS: ReadonlySet<string> = new Set(['and', 'in', 'not', 'contains', 'exists']);

export const isList = (op: FilterOperator): boolean => op === 'in' || op === 'nin';
