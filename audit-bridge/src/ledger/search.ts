import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { ConfigChange } from '@aisix-observability/evidence';
import { CHANGE_FIELDS, CHANGE_FLAGS, type ChangeField, type ChangeFilterOperator } from './changeFields.ts';

type FilterValue = string | number | boolean;

/**
 * One condition; all of a query must hold. `in` and `nin` take a list, `exists` a boolean, `contains` is
 * case-insensitive (ASCII), everything else compares exactly. `neq` and `nin` hold where the field is absent, too.
 */
export interface ChangeFilter {
  readonly field: ChangeField;
  readonly op: ChangeFilterOperator;
  readonly value: FilterValue | readonly FilterValue[];
}

export interface ChangeQuery {
  /** Ids; changes of other environments are not there. */
  readonly environments: readonly string[];
  /** Whether changes of the whole organization are part of it. */
  readonly organizationWide?: boolean;
  /** Changes that occurred in `[from, to)`, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly filters?: readonly ChangeFilter[];
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
  /** `nextCursor` of the page before, of a query that differs in nothing else. */
  readonly cursor?: string;
}

export interface ChangePage {
  readonly changes: readonly ConfigChange[];
  /** Absent when there are no more. */
  readonly nextCursor?: string;
}

/** The query cannot be answered as it stands. */
export class ChangeQueryError extends Error {
  readonly code: 'invalid_cursor' | 'invalid_filter';

  constructor(code: ChangeQueryError['code'], message: string) {
    super(message);
    this.name = 'ChangeQueryError';
    this.code = code;
  }
}

/** Changes of a page; what one answer may hold. */
export const MAX_CHANGES_PER_PAGE = 1000;

/** Conditions of a query, and values of one list: what SQLite compiles in no time. */
export const MAX_CHANGE_FILTERS = 32;
export const MAX_FILTER_VALUES = 500;

/**
 * Changes of a time range, ordered by time and then id.
 *
 * @throws ChangeQueryError
 */
export function searchChanges(db: DatabaseSync, query: ChangeQuery): ChangePage {
  const limit = Math.max(1, Math.min(Math.floor(query.limit), MAX_CHANGES_PER_PAGE));
  const [operator, direction] = query.order === 'newest' ? ['<', 'DESC'] : ['>', 'ASC'];
  const conditions = [
    'occurred_at >= ? AND occurred_at < ?',
    '(environment IN (SELECT value FROM json_each(?)) OR (? AND environment IS NULL))',
  ];
  const values: SQLInputValue[] = [
    query.from,
    query.to,
    JSON.stringify(query.environments),
    Number(query.organizationWide ?? false),
  ];
  if (query.cursor !== undefined) {
    conditions.push(`(occurred_at, id) ${operator} (?, ?)`);
    values.push(...placeOf(query.cursor));
  }
  const { filters = [] } = query;
  if (filters.length > MAX_CHANGE_FILTERS) {
    throw new ChangeQueryError('invalid_filter', `at most ${MAX_CHANGE_FILTERS} filters, found ${filters.length}`);
  }
  for (const filter of filters) {
    const condition = conditionOf(filter);
    conditions.push(condition.sql);
    values.push(...condition.values);
  }
  const rows = db
    .prepare(
      `SELECT id, occurred_at, change FROM changes WHERE ${conditions.join(' AND ')}
      ORDER BY occurred_at ${direction}, id ${direction} LIMIT ?`,
    )
    .all(...values, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    changes: page.map(({ change }) => JSON.parse(String(change))),
    ...(rows.length > limit &&
      last !== undefined && { nextCursor: cursorOf(Number(last.occurred_at), String(last.id)) }),
  };
}

function conditionOf({ field, op, value }: ChangeFilter): { readonly sql: string; readonly values: SQLInputValue[] } {
  if (!Object.hasOwn(CHANGE_FIELDS, field))
    throw new ChangeQueryError('invalid_filter', 'a field that changes do not have');
  const column = CHANGE_FIELDS[field];
  const single = (): SQLInputValue => {
    if (Array.isArray(value)) throw new ChangeQueryError('invalid_filter', `${op} takes one value, found a list`);
    return stored(field, value as FilterValue);
  };
  const list = (): string => {
    if (!Array.isArray(value)) throw new ChangeQueryError('invalid_filter', `${op} takes a list, found one value`);
    if (value.length > MAX_FILTER_VALUES) {
      throw new ChangeQueryError('invalid_filter', `at most ${MAX_FILTER_VALUES} values, found ${value.length}`);
    }
    return JSON.stringify(value.map((one) => stored(field, one)));
  };
  switch (op) {
    case 'eq':
      return { sql: `${column} = ?`, values: [single()] };
    case 'neq':
      return { sql: `${column} IS NOT ?`, values: [single()] };
    case 'in':
      return { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [list()] };
    case 'nin':
      return {
        sql: `(${column} IS NULL OR ${column} NOT IN (SELECT value FROM json_each(?)))`,
        values: [list()],
      };
    case 'contains':
      return { sql: `instr(lower(${column}), lower(?)) > 0`, values: [String(single())] };
    case 'exists':
      return { sql: `(${column} IS NOT NULL) = ?`, values: [single()] };
    default:
      throw new ChangeQueryError('invalid_filter', 'an operator that changes do not have');
  }
}

/** Truth values stand as 0 and 1 in columns, as text where somebody typed them. */
function stored(field: ChangeField, value: FilterValue): SQLInputValue {
  if (typeof value === 'boolean') return Number(value);
  if (CHANGE_FLAGS.has(field) && typeof value === 'string') return Number(value === 'true');
  if (field === 'revision' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return value;
}

function cursorOf(occurredAt: number, id: string): string {
  return Buffer.from(JSON.stringify([occurredAt, id])).toString('base64url');
}

function placeOf(cursor: string): [number, string] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(place) && typeof place[0] === 'number' && typeof place[1] === 'string')
      return [place[0], place[1]];
  } catch {
    // Told below.
  }
  throw new ChangeQueryError('invalid_cursor', 'a cursor that no answer of this server has given');
}
