import type { FilterOperator } from '../api/contract';
import { migrate } from './migrate';
import { type InvestigationQuery, isFiltered, type ObservabilityQuery, type QueryFilter } from './model';

/** Operators as a person reads them. */
export const OPERATOR_WORDS: Readonly<Record<FilterOperator, string>> = {
  eq: '=',
  neq: '≠',
  in: 'one of',
  nin: 'none of',
  contains: 'contains',
  regex: 'matches',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  exists: 'exists',
};

/** A query in one line, for lists of queries and the history of Explore. */
export function describeQuery(query: ObservabilityQuery): string {
  const parts = [subjectOf(query)];
  if (query.environment !== '') parts.push(`in ${query.environment}`);
  if (isFiltered(query)) {
    parts.push(...query.filters.filter(({ values }) => values.length > 0).map(describeFilter));
    if (query.text !== '') parts.push(`"${query.text}"`);
  }
  return parts.join(' · ');
}

function subjectOf(query: ObservabilityQuery): string {
  switch (query.queryType) {
    case 'requests':
      return query.withChanges ? 'requests and changes' : 'requests';
    case 'metrics':
      return query.groupBy.length === 0
        ? query.measures.join(', ')
        : `${query.measures.join(', ')} by ${query.groupBy.join(', ')}`;
    case 'changes':
      return ['changes', ...query.kinds, ...query.actions, ...query.resources, ...query.actors, query.changeId]
        .filter((part) => part !== '')
        .join(' ');
    case 'markers':
      return ['change markers', ...query.kinds].join(' ');
    case 'trace':
      return `request ${query.requestId}`;
    case 'investigation':
      return investigated(query);
  }
}

function investigated({ about, requestId, changeId, start, models }: InvestigationQuery): string {
  switch (about) {
    case 'request':
      return requestId === '' ? 'what broke the newest request that failed' : `what broke request ${requestId}`;
    case 'change':
      return `what change ${changeId} did`;
    case 'incident': {
      const when = start === '' ? 'what broke what' : `what broke what at ${start}`;
      return models.length === 0 ? when : `${when} · ${models.join(', ')}`;
    }
  }
}

const describeFilter = ({ field, op, values }: QueryFilter) => `${field} ${OPERATOR_WORDS[op]} ${values.join(', ')}`;

/** Also of a saved query; of one that cannot be read it says why. */
export function describeSaved(saved: ObservabilityQuery): string {
  try {
    return describeQuery(migrate(saved));
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
