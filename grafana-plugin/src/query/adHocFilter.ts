import type { AdHocVariableFilter } from '@grafana/data';
import type { FilterOperator } from '../api/contract';
import { QueryFailure } from '../api/queryFailure';
import type { QueryFilter } from './model';

/** Operators of Grafana's ad-hoc filters. `!~` is none of the server's. */
const AD_HOC: Readonly<Record<string, FilterOperator>> = {
  '=': 'eq',
  '!=': 'neq',
  '=~': 'regex',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
  '=|': 'in',
  '!=|': 'nin',
};

/** @throws QueryFailure for an operator that the server does not have */
export function fromAdHoc({ key, operator, value, values }: AdHocVariableFilter): QueryFilter {
  const op = AD_HOC[operator];
  if (op === undefined) {
    throw new QueryFailure(
      `The dashboard filter on ${key} uses ${operator}, which this data source does not have. Use !=.`,
    );
  }
  const many = op === 'in' || op === 'nin';
  return { field: key, op, values: many && values !== undefined && values.length > 0 ? values : [value] };
}
