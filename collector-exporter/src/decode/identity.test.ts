import { describe, expect, it } from 'vitest';
import { isPlausible, parseRfc3339 } from './eventTime.ts';
import { isSpanId, isSupportedSchema, isTraceId, TimeReader } from './identity.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('RFC 3339', () => {
  it.each([
    ['2026-11-23T06:18:58Z', '2026-11-23T06:18:58.000Z'],
    ['2026-11-23t06:18:58.123456789z', '2026-11-23T06:18:58.123Z'],
    ['2026-11-23T06:18:58+05:30', '2026-11-23T00:48:58.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(parseRfc3339(text) ?? 0).toISOString()).toBe(iso);
  });

  it.each([
    '',
    '2026-11-23',
    '2026-11-23 06:18:58Z',
    '2026-11-23T06:18:58',
    '2026-13-01T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-23T24:30:00Z',
    '2026-11-23T06:60:00Z',
    '2026-11-23T06:18:58.1234567890Z',
    '+002026-11-23T06:18:58Z',
    '2026-11-23T06:18:58Z trailing',
    '0000-00-00T00:00:00Z',
    `${'9'.repeat(1e6)}`,
  ])('refuses %s', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });
});

describe('identity', () => {
  it('takes times from 2020 to a day ahead', () => {
    expect(isPlausible(Date.UTC(2020, 0, 1), NOW)).toBe(true);
    expect(isPlausible(Date.UTC(2020, 0, 1) - 1, NOW)).toBe(false);
    expect(isPlausible(NOW + 86_400_000, NOW)).toBe(true);
    expect(isPlausible(NOW + 86_400_001, NOW)).toBe(false);
  });

  it('remembers a time and its fault alike', () => {
    const reader = new TimeReader(NOW);
    expect(reader.read('2026-11-23T06:18:58Z')).toBe(Date.parse('2026-11-23T06:18:58Z'));
    expect(reader.read('1999-01-01T00:00:00Z')).toMatchObject({ code: 'time_out_of_range' });
    expect(reader.read('1999-01-01T00:00:00Z')).toMatchObject({ code: 'time_out_of_range' });
    expect(reader.read('nonsense')).toMatchObject({ code: 'invalid_occurred_at' });
    expect(reader.read('2026-11-23T06:18:58Z')).toBe(Date.parse('2026-11-23T06:18:58Z'));
  });

  it('knows ids', () => {
    expect(isTraceId('4bf92f3577b34da6a3ce929d0e0e4736')).toBe(true);
    expect(isTraceId('4bf92f3577b34da6a3ce929d0e0e473')).toBe(false);
    expect(isTraceId('4bf92f3577b34da6a3ce929d0e0e473g')).toBe(false);
    expect(isSpanId('00f067aa0ba902b7')).toBe(true);
    expect(isSpanId('0000000000000000')).toBe(false);
  });

  it('knows major version 1', () => {
    for (const version of ['1', '1.0', '1.12.3', 1]) expect(isSupportedSchema(version)).toBe(true);
    for (const version of ['0.9', '2', '1.', '1.x', 1.5, {}, true, '1.0'.repeat(9)])
      expect(isSupportedSchema(version)).toBe(false);
  });
});
