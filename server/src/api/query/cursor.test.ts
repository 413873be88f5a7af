import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../errors.ts';
import { type CursorQuery, readSearchCursor, readTailCursor, searchCursor, tailCursor } from './cursor.ts';

const QUERY: CursorQuery = {
  route: 'search',
  scope: { environments: ['b', 'a'], visibility: { 'client.address': 'hashed' } },
  filters: [{ field: 'status', op: 'eq', value: 502 }],
  from: 1_795_415_470_000,
  to: 1_795_419_070_000,
  text: 'timeout',
  order: 'newest',
};
const PLACE = { timeMicros: 1_795_415_470_123_456, key: '18446744073709551615' };

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return 'taken';
};

describe('a cursor', () => {
  it('gives its place back to the query that it came from', () => {
    expect(readSearchCursor(QUERY, searchCursor(QUERY, PLACE))).toEqual(PLACE);
    const same = { ...QUERY, scope: { ...QUERY.scope, environments: ['a', 'b'] } };
    expect(readSearchCursor(same, searchCursor(QUERY, PLACE))).toEqual(PLACE);
    const tail: CursorQuery = { ...QUERY, route: 'tail' };
    expect(readTailCursor(tail, tailCursor(tail, { version: 7, shownAt: 12.7 }))).toEqual({ version: 7, shownAt: 12 });
  });

  const OTHERS: Readonly<Record<string, Partial<CursorQuery>>> = {
    environment: { scope: { ...QUERY.scope, environments: ['a'] } },
    visibility: { scope: { ...QUERY.scope, visibility: {} } },
    filter: { filters: [{ field: 'status', op: 'eq', value: '502' }] },
    'more filters': { filters: [...QUERY.filters, ...QUERY.filters] },
    from: { from: 1_795_415_470_001 },
    to: { to: 1_795_419_070_001 },
    text: { text: 'time' },
    order: { order: 'oldest' },
    route: { route: 'tail' },
  };
  it.each(Object.entries(OTHERS))('is refused with another %s', (_, change) => {
    const cursor = searchCursor(QUERY, PLACE);
    expect(codeOf(() => readSearchCursor({ ...QUERY, ...change }, cursor))).toBe('cursor_mismatch');
  });

  it('does not say which environments there are', () => {
    const cursor = Buffer.from(searchCursor(QUERY, PLACE), 'base64url').toString('latin1');
    expect(cursor.slice(8)).toBe('1795415470123456.18446744073709551615');
  });

  it('that somebody made up is refused and nothing else happens', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (cursor) => {
        expect(['cursor_invalid', 'cursor_mismatch']).toContain(codeOf(() => readSearchCursor(QUERY, cursor)));
      }),
    );
    const forge = (place: string) =>
      Buffer.concat([Buffer.from(searchCursor(QUERY, PLACE), 'base64url').subarray(0, 8), Buffer.from(place)]).toString(
        'base64url',
      );
    for (const place of [
      '',
      '1',
      '1.x',
      '1.18446744073709551616',
      '1.1; DROP TABLE x',
      '1.1\n',
      '99999999999999999999.1',
    ])
      expect(codeOf(() => readSearchCursor(QUERY, forge(place)))).toBe('cursor_invalid');
  });
});
