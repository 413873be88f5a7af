import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSilence, type SilenceOptions } from './silence.ts';

const T = Date.parse('2026-11-23T12:00:00Z');
const LIMIT = 30_000;

const silenceOf = (options: Partial<SilenceOptions> = {}) =>
  createSilence({
    feed: { type: 'etcd', name: 'some' },
    environment: 'env-prod',
    silentAfterMillis: LIMIT,
    startedAt: T,
    ...options,
  });

describe('a feed that falls silent after the clock stepped back', () => {
  it('is a gap as soon as it would have been one', () => {
    const silence = silenceOf();
    silence.heard(T + 600_000);
    const gaps = [0, 10_000, 20_000, 30_000, 31_000, 40_000].map((after) => silence.missed(T + after, 'away').length);
    expect(gaps).toEqual([0, 0, 0, 0, 1, 0]);
    expect(silence.state()).toMatchObject({ open: { from: T, reason: 'away' } });
  });

  it('is one too when the clock stepped back while the process was off', () => {
    const silence = silenceOf({ remembered: { heardAt: T + 600_000 } });
    silence.missed(T, 'away');
    expect(silence.missed(T + LIMIT + 1, 'away')).toMatchObject([{ from: T, reason: 'away' }]);
  });

  it('never has a gap that ends before it began', () => {
    const silence = silenceOf();
    silence.missed(T + 600_000, 'away', true);
    silence.missed(T + 700_000, 'away');
    expect(silence.heard(T - 600_000)).toMatchObject([{ from: T, to: T }]);
  });
});

it('a feed that is away for longer than the limit is one gap, wherever the clock jumps before', () => {
  const jump = fc.integer({ min: -3_600_000, max: 3_600_000 });
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 5 }), jump, (offsets, last) => {
      const silence = silenceOf();
      for (const offset of offsets) silence.heard(T + offset);
      let told = 0;
      for (let after = 0; after <= LIMIT + 1_000; after += 1_000) {
        told += silence.missed(T + last + after, 'away').length;
      }
      expect(told).toBe(1);
    }),
    { numRuns: 100 },
  );
});
