import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['1024', 1024],
    [1024, 1024],
    ['1KiB', 1024],
    ['1 kib', 1024],
    ['1.5MiB', 1_572_864],
    ['2GB', 2_000_000_000],
    ['1TiB', 2 ** 40],
  ])('%j is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));
  it.each(['', 'x', '1XB', '-1', '1e3', '1 GiB extra', -1, 1.5, null, true, '9999999TiB'])('%j is none', (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );
});

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['0.5s', 500],
    ['0s', 0],
  ])('%j is %d ms', (text, millis) => expect(parseDuration(text)).toBe(millis));
  it.each(['', '10', 10, 's', '-1s', '1 h', '1w', '1h 30m', null])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
  it('are read again as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3600 * 24 }), (seconds) => {
        const again = parseDuration(formatDuration(seconds * 1000)) ?? 0;
        // Two units are shown: what is left is less than a minute of hours, or a second of minutes.
        expect(Math.abs(again - seconds * 1000)).toBeLessThan(60_000);
      }),
    );
    expect([
      formatDuration(8000),
      formatDuration(90_000),
      formatDuration(400 * 86_400_000),
      formatSize(2 ** 30),
    ]).toEqual(['8s', '1m30s', '400d', '1GiB']);
  });
});

describe('nearest word', () => {
  const known = ['host', 'port', 'tls', 'environments', 'stream_bytes'];
  it.each([
    ['prot', 'port'],
    ['Port', 'port'],
    ['enviroment', 'environments'],
    ['stream-bytes', 'stream_bytes'],
    ['streamBytes', 'stream_bytes'],
  ])('%s means %s', (word, meant) => expect(nearest(word, known)).toBe(meant));
  it.each(['banana', 'x', '', 'p'.repeat(10_000)])('nothing is near %s', (word) =>
    expect(nearest(word, known)).toBeUndefined(),
  );
});
