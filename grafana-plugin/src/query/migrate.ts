import type { FilterOperator, Measure } from '../api/contract';
import { QueryFailure } from '../api/queryFailure';
import { DEFAULTS, subjectOf } from './defaults';
import { SERVER_LIMITS } from './limits';
import {
  type ObservabilityQuery,
  QUERY_TYPES,
  QUERY_VERSION,
  type QueryFilter,
  type QueryType,
  SHAPES,
  SUBJECTS,
} from './model';

export const OPERATORS = [
  'eq',
  'neq',
  'in',
  'nin',
  'contains',
  'regex',
  'gt',
  'gte',
  'lt',
  'lte',
  'exists',
] as const satisfies readonly FilterOperator[];

export const MEASURES = [
  'rate',
  'count',
  'error_ratio',
  'p50',
  'p95',
  'p99',
  'ttft_p95',
  'tokens_in',
  'tokens_out',
  'cost',
] as const satisfies readonly Measure[];

type Json = Readonly<Record<string, unknown>>;

/**
 * A saved query in the form of today. Dashboards are also written by hand and provisioned, so everything that is absent
 * gets its default and everything of the wrong type is taken for absent; keys of Grafana's own stay.
 *
 * Version 0 (no `version`) has filters as the query API takes them: `value` with one value or a list.
 *
 * The same object comes back when there is nothing to change, because Grafana compares by identity.
 *
 * @throws QueryFailure for a query that a newer version of the plugin saved
 */
export function migrate(saved: object): ObservabilityQuery {
  const query = saved as Json & { readonly refId: string };
  if (typeof query.version === 'number' && query.version > QUERY_VERSION) {
    throw new QueryFailure(
      `This query was saved by a newer version of the plugin (form ${query.version}, this one knows ${QUERY_VERSION}). Update the plugin.`,
    );
  }
  const type = queryTypeOf(query);
  const own = { ...query, ...DEFAULTS[type], ...readOwn(type, query) } as ObservabilityQuery;
  return isSame(own, query) ? (query as unknown as ObservabilityQuery) : own;
}

const queryTypeOf = ({ queryType }: Json): QueryType => QUERY_TYPES.find((type) => type === queryType) ?? 'requests';

/** Of the saved values those that fit the defaults of their key. */
function readOwn(type: QueryType, query: Json): Json {
  const read: Record<string, unknown> = {};
  for (const [key, normal] of Object.entries(DEFAULTS[type])) {
    if (key === 'version' || key === 'queryType') continue;
    const value = key === 'shape' ? readShape(type, query.shape) : readKey(key, query[key], normal);
    if (value !== undefined) read[key] = value;
  }
  // Before queries said what they are about, the ids that they named did.
  if (type === 'investigation') read.about = SUBJECTS.find((each) => each === query.about) ?? subjectOf(query);
  return read;
}

function readKey(key: string, value: unknown, normal: unknown): unknown {
  switch (key) {
    case 'filters':
      return Array.isArray(value) ? value.flatMap(readFilter) : undefined;
    case 'measures': {
      const measures = Array.isArray(value) ? MEASURES.filter((measure) => value.includes(measure)) : [];
      return measures.length === 0 ? undefined : measures;
    }
    case 'limit':
      return readCount(value, SERVER_LIMITS.rows);
    case 'topN':
      return readCount(value, SERVER_LIMITS.topN);
    case 'mode':
      return value === 'code' || value === 'builder' ? value : undefined;
    default:
      if (Array.isArray(normal)) return readTexts(value);
      return typeof value === typeof normal ? value : undefined;
  }
}

const readShape = (type: QueryType, value: unknown) =>
  type === 'requests' ? undefined : SHAPES[type].find((shape) => shape === value);

const readCount = (value: unknown, max: number) =>
  typeof value === 'number' && value >= 1 ? Math.min(Math.trunc(value), max) : undefined;

const readTexts = (value: unknown) =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : undefined;

function readFilter(filter: unknown): QueryFilter[] {
  if (typeof filter !== 'object' || filter === null) return [];
  const { field, op, values, value } = filter as Json;
  const known = OPERATORS.find((operator) => operator === op);
  if (typeof field !== 'string' || known === undefined) return [];
  const given = values ?? value;
  const list = Array.isArray(given) ? given : given === undefined || given === null ? [] : [given];
  return [{ field, op: known, values: list.filter(isScalar).map(String) }];
}

const isScalar = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Both are plain JSON. Order of keys does not count. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame((a as Json)[key], (b as Json)[key]))
  );
}
