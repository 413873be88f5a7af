import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('a time on the command line', () => {
  it.each([
    ['now', '2026-11-23T12:00:00Z'],
    ['2h', '2026-11-23T10:00:00Z'],
    ['1d12h', '2026-11-22T00:00:00Z'],
    ['2026-11-23T06:30:00Z', '2026-11-23T06:30:00Z'],
    ['2026-11-23T06:30:00.5+02:00', '2026-11-23T04:30:00.500Z'],
    ['2026-11-23', '2026-11-23T00:00:00Z'],
  ])('%s', (text, instant) => expect(parseInstant(text, NOW)).toBe(Date.parse(instant)));
  it.each(['', 'yesterday', '1', '23/11/2026', '2026-13-01', '2026-11-23 06:30'])('%j is none', (text) =>
    expect(() => parseInstant(text, NOW)).toThrow('a time is'),
  );
});
