import { REQUEST_FIELDS } from '../fields.ts';
import {
  type GroupLimit,
  MAX_BUCKETS,
  type ReadScope,
  type RequestFilter,
  type SearchPlace,
  type SearchQuery,
  type ValuesQuery,
  type WindowQuery,
} from '../query.ts';
import { StoreQueryError } from '../store.ts';
import { checkFilters, fieldSpec } from './checkFilters.ts';

const MAX_KEY = 2n ** 64n - 1n;

/** @throws StoreQueryError what is wrong with a search; as do the others here with their query. */
export function checkSearch(query: SearchQuery): void {
  checkRange(query);
  checkAsked(query);
  checkLimit(query.limit);
  if (query.after !== undefined) checkPlace(query.after);
}

/** What every query over requests has. */
export function checkAsked(query: { readonly scope: ReadScope; readonly filters: readonly RequestFilter[] }): void {
  checkScope(query.scope);
  checkFilters(query.filters);
}

export function checkSeries(
  query: GroupLimit & {
    readonly scope: ReadScope;
    readonly filters: readonly RequestFilter[];
    readonly from: number;
    readonly to: number;
    readonly intervalMs?: number;
  },
): void {
  checkRange(query);
  checkAsked(query);
  query.groupBy.forEach((field, at) => {
    const where = `groupBy[${at}]`;
    if (fieldSpec(field, where).groupable === true) return;
    throw new StoreQueryError('group_unsupported', `${where}: has too many values to group by`, where);
  });
  if (!Number.isSafeInteger(query.topN) || query.topN < 0) {
    throw new StoreQueryError('limit_invalid', 'topN: expected a whole number from 0', 'topN');
  }
  if (query.intervalMs !== undefined) checkInterval(query.from, query.to, query.intervalMs);
}

function checkInterval(from: number, to: number, interval: number): void {
  if (!Number.isSafeInteger(interval) || interval <= 0) {
    throw new StoreQueryError('interval_invalid', 'intervalMs: expected a whole number from 1', 'intervalMs');
  }
  const buckets = Math.ceil(to / interval) - Math.floor(from / interval);
  if (buckets > MAX_BUCKETS) {
    const message = `intervalMs: the range has ${buckets} buckets, at most ${MAX_BUCKETS} are given`;
    throw new StoreQueryError('too_many_buckets', message, 'intervalMs');
  }
}

export function checkValues(query: ValuesQuery): void {
  checkRange(query);
  checkScope(query.scope);
  checkLimit(query.limit);
  if (fieldSpec(query.field, 'field').type === 'time') {
    throw new StoreQueryError('group_unsupported', 'field: times have no list of values', 'field');
  }
}

/** A field that no configuration can hide must not look as if it were hidden. */
export function checkScope({ visibility }: ReadScope): void {
  for (const [field, seen] of Object.entries(visibility)) {
    const spec = fieldSpec(field, 'scope.visibility');
    if (seen === 'clear' || ('personal' in spec && spec.personal === true)) continue;
    throw new StoreQueryError(
      'visibility_unsupported',
      `${field}: only personal fields can be hidden or hashed`,
      field,
    );
  }
}

export function checkWindow(query: WindowQuery): void {
  checkScope(query.scope);
  checkRange(query);
  checkLimit(query.maxRows);
}

export function checkRange({ from, to }: { readonly from: number; readonly to: number }): void {
  if (Number.isFinite(from) && Number.isFinite(to) && from <= to) return;
  throw new StoreQueryError('range_invalid', 'from, to: expected epoch milliseconds, from not after to', 'from');
}

export function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit > 0) return;
  throw new StoreQueryError('limit_invalid', 'limit: expected a whole number from 1', 'limit');
}

function checkPlace({ timeMicros, key }: SearchPlace): void {
  if (Number.isSafeInteger(timeMicros) && isKey(key)) return;
  throw new StoreQueryError('cursor_invalid', 'after: is no place in a result', 'after');
}

function isKey(key: unknown): boolean {
  return typeof key === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(key) && BigInt(key) <= MAX_KEY;
}

/** Whether a text names a field. */
export function isRequestField(name: string): name is keyof typeof REQUEST_FIELDS {
  return Object.hasOwn(REQUEST_FIELDS, name);
}
