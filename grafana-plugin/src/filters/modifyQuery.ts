import type { QueryFixAction } from '@grafana/data';
import { isFiltered, type ObservabilityQuery } from '../query/model';
import { addFilter } from './toggleFilter';

/** What Grafana may ask to be done to a query. Text cannot be left out: the server only looks for it. */
export const MODIFICATIONS = ['ADD_FILTER', 'ADD_FILTER_OUT', 'ADD_STRING_FILTER'] as const;

export function modifyQuery(query: ObservabilityQuery, { type, options = {} }: QueryFixAction): ObservabilityQuery {
  const { key, value = '' } = options;
  switch (type) {
    case 'ADD_FILTER':
      return key === undefined ? query : addFilter(query, 'FILTER_FOR', key, value);
    case 'ADD_FILTER_OUT':
      return key === undefined ? query : addFilter(query, 'FILTER_OUT', key, value);
    case 'ADD_STRING_FILTER':
      return isFiltered(query) ? { ...query, text: value } : query;
    default:
      return query;
  }
}
