import { describe, expect, it } from 'vitest';
import { startTimeOf } from './startTime';

const AT = Date.parse('2026-11-26T04:58:00Z');

describe('the start of an incident', () => {
  it('is read as milliseconds, as a written time, and with its zone', () => {
    for (const typed of [
      `${AT}`,
      ' 2026-11-26 04:58 ',
      '2026-11-26T04:58:00',
      '2026-11-26T04:58:00Z',
      '2026-11-26T05:58:00+01:00',
    ]) {
      expect(startTimeOf(typed, 'utc')).toBe(AT);
    }
    expect(startTimeOf('2026-11-26 05:58', 'Europe/Berlin')).toBe(AT);
    expect(startTimeOf('  ', 'utc')).toBeUndefined();
    const ago = startTimeOf('now-10m', 'utc') ?? 0;
    expect(Math.abs(Date.now() - 600_000 - ago)).toBeLessThan(60_000);
  });

  it('is refused in words where it is none', () => {
    for (const typed of ['noon', '1795669', '2026-13-45 99:99', 'nowhere', '04:58']) {
      expect(() => startTimeOf(typed, 'utc')).toThrow('which is no time');
    }
  });
});
