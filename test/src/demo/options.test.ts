import { describe, expect, it } from 'vitest';
import { demoOptions, USAGE } from './options.ts';

describe('demoOptions', () => {
  it('reads flags, also behind the dashes of a package manager', () => {
    expect(demoOptions([])).toEqual({ rate: 5, preview: true, help: false });
    expect(demoOptions(['--', '--seconds', '12', '--rate=0.5'])).toEqual({
      seconds: 12,
      rate: 0.5,
      preview: true,
      help: false,
    });
    expect(demoOptions(['--no-preview']).preview).toBe(false);
    expect(demoOptions(['-h']).help).toBe(true);
    expect(USAGE).toContain('--seconds');
  });

  it.each([
    [['--rate', 'fast'], '--rate must be a number from 0.1 to 200, found "fast".'],
    [['--rate', '0'], '--rate'],
    [['--rate', '1e9'], '--rate'],
    [['--seconds', ''], '--seconds must be a number'],
    [['--seconds', 'NaN'], '--seconds'],
    [['--secnods', '5'], '--secnods'],
    [['extra'], 'extra'],
  ])('refuses %j and says why', (args, message) => {
    expect(() => demoOptions(args)).toThrow(message);
  });
});
