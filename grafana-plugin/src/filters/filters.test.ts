import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../query/defaults';
import type { QueryFilter, RequestsQuery } from '../query/model';
import { modifyQuery } from './modifyQuery';
import { hasFilter, toggleFilter } from './toggleFilter';

const query = (...filters: QueryFilter[]): RequestsQuery => ({ refId: 'A', ...DEFAULTS.requests, filters });
const one = { field: 'servedModel', op: 'eq', values: ['gpt-4o'] } as const;

describe('a filter from the details of a row', () => {
  it('is added, shown as active, and taken away again', () => {
    const filtered = toggleFilter(query(), 'FILTER_FOR', 'servedModel', 'gpt-4o');
    expect(filtered.filters).toEqual([one]);
    expect(hasFilter(filtered, 'servedModel', 'gpt-4o')).toBe(true);
    expect(toggleFilter(filtered, 'FILTER_FOR', 'servedModel', 'gpt-4o').filters).toEqual([]);
  });

  it('of a second value makes one of several', () => {
    const two = toggleFilter(query(one), 'FILTER_FOR', 'servedModel', 'small');
    expect(two.filters).toEqual([{ field: 'servedModel', op: 'in', values: ['gpt-4o', 'small'] }]);
    expect(toggleFilter(two, 'FILTER_FOR', 'servedModel', 'gpt-4o').filters).toEqual([
      { field: 'servedModel', op: 'in', values: ['small'] },
    ]);
  });

  it('that leaves a value out takes the place of the one that took it in', () => {
    const out = toggleFilter(query(one), 'FILTER_OUT', 'servedModel', 'gpt-4o');
    expect(out.filters).toEqual([{ field: 'servedModel', op: 'neq', values: ['gpt-4o'] }]);
    expect(hasFilter(out, 'servedModel', 'gpt-4o')).toBe(false);
  });

  it('is not made of what the server has no field for', () => {
    const before = query();
    expect(toggleFilter(before, 'FILTER_FOR', 'actor', 'ada')).toBe(before);
    const changes = { refId: 'A', ...DEFAULTS.changes };
    expect(toggleFilter(changes, 'FILTER_FOR', 'servedModel', 'x')).toBe(changes);
  });

  it('pressed twice leaves what was there', () => {
    const value = fc.constantFrom('a', 'b', 'c');
    const filters = fc.array(
      fc.record({
        field: fc.constantFrom('status', 'outcome'),
        op: fc.constantFrom('eq' as const, 'gte' as const),
        values: value.map((each) => [each]),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(filters, value, (before, chosen) => {
        const start = query(...before);
        fc.pre(!before.some(({ field, op }) => field === 'status' && op === 'eq'));
        const twice = toggleFilter(toggleFilter(start, 'FILTER_FOR', 'status', chosen), 'FILTER_FOR', 'status', chosen);
        expect(twice.filters).toEqual(start.filters);
      }),
    );
  });
});

describe('a change of the query that Grafana asks for', () => {
  it('adds filters once, and text', () => {
    const added = modifyQuery(query(one), { type: 'ADD_FILTER', options: { key: 'servedModel', value: 'gpt-4o' } });
    expect(added).toEqual(query(one));
    expect(modifyQuery(query(), { type: 'ADD_FILTER_OUT', options: { key: 'status', value: '502' } })).toMatchObject({
      filters: [{ field: 'status', op: 'neq', values: ['502'] }],
    });
    expect(modifyQuery(query(), { type: 'ADD_STRING_FILTER', options: { value: 'boom' } })).toMatchObject({
      text: 'boom',
    });
    expect(modifyQuery(query(one), { type: 'SOMETHING_ELSE' })).toEqual(query(one));
  });
});
