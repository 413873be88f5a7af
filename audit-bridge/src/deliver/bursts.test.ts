import { exampleChange, NOON } from '@aisix-observability/evidence/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BURST_GAP_MILLIS,
  BURST_SPAN_MILLIS,
  type Burst,
  burstFor,
  fitsBurst,
  joined,
  placedChange,
} from './bursts.ts';

const burst: Burst = { id: 'b', environment: 'prod', start: NOON, end: NOON + 20_000, actors: ['alice'] };
const change = (at: number, actor?: string, environment: string | null = 'prod') => ({
  id: 'c',
  at,
  environment,
  ...(actor !== undefined && { actor }),
});

describe('a burst', () => {
  it.each([
    ['within the gap after it', change(burst.end + BURST_GAP_MILLIS), true],
    ['a millisecond later', change(burst.end + BURST_GAP_MILLIS + 1), false],
    ['within the gap before it', change(burst.start - BURST_GAP_MILLIS), true],
    ['a millisecond earlier', change(burst.start - BURST_GAP_MILLIS - 1), false],
    ['in its middle', change(NOON + 10_000), true],
    ['of the same actor', change(NOON, 'alice'), true],
    ['of another actor', change(NOON, 'bob'), false],
    ['of another environment', change(NOON, 'alice', 'staging'), false],
    ['of the organization', change(NOON, 'alice', null), false],
  ])('takes a change %s: %#', (_, late, fits) => {
    expect(fitsBurst(burst, late)).toBe(fits);
  });

  it('that knows nobody takes anybody, and then knows', () => {
    const unknown = { ...burst, actors: [] };
    const first = joined(unknown, change(NOON, 'alice'));
    expect(fitsBurst(unknown, change(NOON, 'bob'))).toBe(true);
    expect(fitsBurst(first, change(NOON, 'bob'))).toBe(false);
    expect(fitsBurst(first, change(NOON))).toBe(true);
  });

  it('with two known actors takes only the unknown', () => {
    const mixed = { ...burst, actors: ['alice', 'bob'] };
    expect([change(NOON, 'alice'), change(NOON, 'bob'), change(NOON)].map((one) => fitsBurst(mixed, one))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('is at most two minutes long', () => {
    const long = { ...burst, end: NOON + BURST_SPAN_MILLIS - 1_000 };
    expect(fitsBurst(long, change(long.end + 1_000))).toBe(true);
    expect(fitsBurst(long, change(long.end + 1_001))).toBe(false);
  });

  it('of several that fit is the nearest, then the earlier', () => {
    const far = { ...burst, id: 'far', start: NOON - 40_000, end: NOON - 9_000 };
    const near = { ...burst, id: 'near', start: NOON + 3_000, end: NOON + 4_000 };
    const twin = { ...burst, id: 'twin', start: NOON - 7_000, end: NOON - 3_000 };
    expect(burstFor([far, near], change(NOON))?.id).toBe('near');
    expect(burstFor([near, twin], change(NOON))?.id).toBe('twin');
    expect(burstFor([], change(NOON))).toBeUndefined();
  });

  it('tells actors by type and id, and times in whole milliseconds', () => {
    const placed = placedChange(
      exampleChange({ occurredAt: NOON + 0.6, actor: { type: 'user', id: 'u1', name: 'A' } }),
    );
    expect(placed).toEqual({ id: 'c1', environment: 'prod', at: NOON + 1, actor: '["user","u1"]' });
    expect(placedChange(exampleChange())).not.toHaveProperty('actor');
  });
});

it('any changes in any order: no burst is too long, has a hole, or mixes environments or known actors', () => {
  const arbitrary = fc.record(
    {
      id: fc.uuid(),
      at: fc.integer({ min: NOON, max: NOON + 400_000 }),
      environment: fc.constantFrom('prod', 'staging', null),
      actor: fc.constantFrom('alice', 'bob'),
    },
    { requiredKeys: ['id', 'at', 'environment'] },
  );
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 60 }), (changes) => {
      const bursts = new Map<string, { burst: Burst; members: typeof changes }>();
      for (const one of changes) {
        const found = burstFor(
          [...bursts.values()].map((held) => held.burst),
          one,
        );
        const held = found === undefined ? undefined : bursts.get(found.id);
        const begun: Burst = { id: one.id, environment: one.environment, start: one.at, end: one.at, actors: [] };
        bursts.set(found?.id ?? one.id, {
          burst: joined(found ?? begun, one),
          members: [...(held?.members ?? []), one],
        });
      }
      for (const { burst: drawn, members } of bursts.values()) {
        const times = members.map(({ at }) => at).toSorted((a, b) => a - b);
        expect([drawn.start, drawn.end]).toEqual([times[0], times.at(-1)]);
        expect(drawn.end - drawn.start).toBeLessThanOrEqual(BURST_SPAN_MILLIS);
        expect(times.every((at, index) => at - (times[index - 1] ?? at) <= BURST_GAP_MILLIS)).toBe(true);
        expect(new Set(members.map(({ environment }) => environment)).size).toBe(1);
        expect(new Set(members.flatMap(({ actor }) => actor ?? [])).size).toBeLessThanOrEqual(1);
      }
    }),
  );
});
