import { describe, expect, it } from 'vitest';
import { showResent } from './resend.ts';

const gap = {
  reader: 'destination:sink',
  fromSeq: 1,
  toSeq: 9,
  from: 1_000,
  to: 2_000,
  rows: 9,
  reason: 'max_backlog',
};
const sent = { rows: 2, items: 6 };

describe('what resend says at its end', () => {
  it.each([
    [
      'nothing more when no gap is left',
      { from: 0, to: 3_000 },
      [],
      true,
      /^Sent 6 spans of 2 requests again to sink\.\n$/,
    ],
    ['nothing of gaps elsewhere', { from: 3_000, to: 4_000 }, [gap], true, /^Sent .*\.\n$/],
    [
      'nothing of other destinations',
      { from: 0, to: 3_000 },
      [{ ...gap, reader: 'destination:x' }],
      true,
      /^Sent .*\.\n$/,
    ],
    [
      'what the stream no longer holds',
      { from: 0, to: 3_000 },
      [gap],
      false,
      /01\.000Z to .*02\.000Z, 9 requests; the stream/,
    ],
    [
      'what the range did not cover',
      { from: 1_500, to: 3_000 },
      [gap],
      true,
      /9 requests; it reaches beyond the range\.\n$/,
    ],
  ])('%s', (_, range, gaps, filled, words) => {
    const shown = showResent('sink', range, sent, gaps);
    expect(shown.text).toMatch(words);
    expect(shown.filled).toBe(filled);
  });
});
