import { describe, expect, it } from 'vitest';
import { trimmableTo } from './retention.ts';

/** Ten rows of 100 bytes, positions 11 to 20, appended one second apart from second 0 on. */
const rows = Array.from({ length: 10 }, (_, index) => ({
  seq: 11 + index,
  at: index * 1_000,
  payload: 'x'.repeat(100),
}));
const stream = {
  read: (after: number) => rows.filter(({ seq }) => seq > after).slice(0, 1),
  bytesAfter: (after: number) => rows.filter(({ seq }) => seq > after).length * 100,
  stats: () => ({ rows: 10, bytes: 1_000, firstSeq: 11, lastSeq: 20 }),
};
const everything = { since: 0, bytes: 10_000, unread: 20 };

describe('what may be trimmed', () => {
  it.each([
    ['nothing, while all of it is young and small enough', everything, 0],
    ['what is too old', { ...everything, since: 3_000 }, 13],
    ['what is too much', { ...everything, bytes: 250 }, 18],
    ['whichever asks for more', { since: 3_000, bytes: 250, unread: 20 }, 18],
    ['nothing that has not been read', { ...everything, since: 9_999_999, unread: 14 }, 14],
    ['nothing when nothing was read', { ...everything, since: 9_999_999, unread: 0 }, 0],
    ['everything', { ...everything, since: 9_999_999 }, 20],
  ])('%s', (_, rule, expected) => {
    expect(trimmableTo(stream, rule)).toBe(expected);
  });

  it('nothing of an empty stream', () => {
    const empty = { ...stream, stats: () => ({ rows: 0, bytes: 0, firstSeq: 0, lastSeq: 0 }) };
    expect(trimmableTo(empty, everything)).toBe(0);
  });
});
