import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import type { StreamFile } from './stream.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { BLOCK_ROWS } from './timeBlocks.ts';

/** A file whose row `seq` has the time that `at` says. */
function fileWithTimes(rows: number, at: (seq: number) => number): StreamFile {
  const file = openStreamFile(temporaryPath());
  file.stream('events').appendNow(Array.from({ length: rows }, (_, index) => ({ payload: '', at: at(index + 1) })));
  return file;
}

test('a range of time is read page by page across blocks, though clocks jump', async () => {
  const rows = 3 * BLOCK_ROWS + 10;
  // Three rows of the range: in the first, the third and the last block; the second block has none.
  const inside = [5, 2 * BLOCK_ROWS + 1, rows];
  const file = fileWithTimes(rows, (seq) => (inside.includes(seq) ? 50 : seq % 2 === 0 ? 10 : 90));
  const stream = file.stream('events');
  const read = (after: number, limit: number) =>
    stream.readBetween({ from: 40, to: 60, after }, { rows: limit, bytes: 1e6 }).map(({ seq }) => seq);
  expect(read(0, 10)).toEqual(inside);
  expect(read(0, 1)).toEqual([5]);
  expect(read(5, 10)).toEqual(inside.slice(1));
  expect(read(2 * BLOCK_ROWS, 10)).toEqual(inside.slice(1));
  expect(read(rows, 10)).toEqual([]);
  await file.close();
});

test('seqBefore looks into the next block when the row in question was trimmed from the oldest', async () => {
  const late = BLOCK_ROWS + 100;
  const file = fileWithTimes(2 * BLOCK_ROWS, (seq) => (seq === 1 || seq === late ? 100 : 1));
  const stream = file.stream('events');
  expect(stream.seqBefore(100)).toBe(0);
  await stream.trimTo(3);
  expect(stream.seqBefore(100)).toBe(late - 1);
  expect(stream.seqBefore(101)).toBe(2 * BLOCK_ROWS);
  expect(stream.seqBefore(1)).toBe(3);
  await file.close();
});
