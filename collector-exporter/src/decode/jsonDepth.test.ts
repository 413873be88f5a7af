import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestsDeeperThan } from './jsonDepth.ts';
import { processorMillis, RUNAWAY_MILLIS } from './testing/processorMillis.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('nesting of JSON text', () => {
  it('agrees with the parsed value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), fc.nat(12), (value, limit) => {
        expect(nestsDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit);
      }),
    );
  });

  it.each([
    ['"[[[["', false],
    ['"a\\"[[[["', false],
    ['"a\\\\"[[[[', true],
    ['["]]]]",[[[', true],
    ['[],[],[],[]', false],
    ['"[[[[', false],
  ])('%s', (text, deeper) => {
    expect(nestsDeeperThan(text, 3)).toBe(deeper);
  });

  it('takes linear time', () => {
    for (const text of [
      '"'.repeat(2e6),
      '\\'.repeat(2e6),
      `"${'\\\\'.repeat(1e6)}`,
      '"\\"'.repeat(7e5),
      '[]'.repeat(1e6),
    ]) {
      expect(processorMillis(() => nestsDeeperThan(text, 64))).toBeLessThan(RUNAWAY_MILLIS);
    }
  });
});
