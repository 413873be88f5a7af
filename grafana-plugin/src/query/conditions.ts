import type { AdHocVariableFilter, ScopedVars } from '@grafana/data';
import type { FilterBody } from '../api/contract';
import { QueryFailure } from '../api/queryFailure';
import { fromAdHoc } from './adHocFilter';
import { interpolate, interpolateOne, type Templates } from './interpolate';
import { MAX_ENVIRONMENTS, SERVER_LIMITS } from './limits';
import type { FilteredQuery, QueryFilter } from './model';

/** What a query asks for, with variables replaced; keys of the query API. */
export interface Conditions {
  readonly environment?: string;
  readonly filters: FilterBody[];
  readonly text?: string;
}

export interface Interpolation {
  readonly templates: Templates;
  readonly scopedVars?: ScopedVars | undefined;
  /** Filters of the dashboard, which hold for all its panels. */
  readonly adHoc?: readonly AdHocVariableFilter[] | undefined;
  /** Environment of the data source's settings, for queries that name none. */
  readonly environment?: string | undefined;
}

/**
 * Conditions of a query as the server takes them. A filter without a value limits nothing: one that is being typed, or
 * one whose variable is empty or All.
 *
 * @throws QueryFailure that says which filter cannot be asked
 */
export function conditionsOf(query: FilteredQuery, options: Interpolation): Conditions {
  const { templates, scopedVars, adHoc = [] } = options;
  const environments = environmentsOf(query.environment, options);
  const several: FilterBody[] =
    environments.length > 1 ? [{ field: 'environment', op: 'in', value: [...environments] }] : [];
  const filters = [...query.filters, ...adHoc.map(fromAdHoc)].flatMap((filter) =>
    filterOf(filter, templates, scopedVars),
  );
  const text = interpolateOne('Free text', query.text, templates, scopedVars).trim();
  const [environment] = environments;
  return {
    ...(environments.length === 1 && environment !== undefined ? { environment } : {}),
    filters: checkCount([...several, ...filters]),
    ...(text === '' ? {} : { text: text.slice(0, SERVER_LIMITS.textCharacters) }),
  };
}

/**
 * Environments that a query names; none for all that the reader may see.
 *
 * @throws QueryFailure beyond the number that one query may name
 */
export function environmentsOf(
  named: string,
  { templates, scopedVars, environment = '' }: Omit<Interpolation, 'adHoc'>,
): readonly string[] {
  const { values, all } = interpolate(named === '' ? environment : named, templates, scopedVars);
  if (all) return [];
  const environments = values.map((value) => value.trim()).filter((value) => value !== '');
  if (environments.length > MAX_ENVIRONMENTS) {
    throw new QueryFailure(
      `The query names ${environments.length} environments; choose at most ${MAX_ENVIRONMENTS}, or All.`,
    );
  }
  return environments;
}

/** Characters that mean something in a regular expression of RE2. */
const SPECIAL = /[\\^$.|?*+()[\]{}]/g;

function filterOf({ field, op, values }: QueryFilter, templates: Templates, scopedVars?: ScopedVars): FilterBody[] {
  const found = values.map((value) => interpolate(value, templates, scopedVars));
  if (found.some(({ all }) => all)) return [];
  const texts = [...new Set(found.flatMap((each) => each.values))].filter((value) => value !== '');
  const [first] = texts;
  if (first === undefined) return [];
  if (op === 'in' || op === 'nin') return [{ field, op, value: texts }];
  if (texts.length === 1) return [{ field, op, value: first }];
  switch (op) {
    case 'eq':
      return [{ field, op: 'in', value: texts }];
    case 'neq':
      return [{ field, op: 'nin', value: texts }];
    case 'contains':
      return [{ field, op: 'regex', value: `(?i)${anyOf(texts.map((text) => text.replace(SPECIAL, '\\$&')))}` }];
    case 'regex':
      return [{ field, op, value: anyOf(texts) }];
    default:
      throw new QueryFailure(
        `The filter on ${field} takes one value, and its variable has ${texts.length}: choose one.`,
      );
  }
}

const anyOf = (patterns: readonly string[]) => patterns.map((pattern) => `(?:${pattern})`).join('|');

function checkCount(filters: FilterBody[]): FilterBody[] {
  if (filters.length > SERVER_LIMITS.filters) {
    throw new QueryFailure(`The query has ${filters.length} filters; at most ${SERVER_LIMITS.filters} are possible.`);
  }
  return filters;
}
