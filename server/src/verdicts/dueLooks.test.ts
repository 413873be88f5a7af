import { type ConfigChange, PRODUCT_PARAMETERS } from '@aisix-observability/evidence';
import { exampleChange } from '@aisix-observability/evidence/testing';
import { describe, expect, it } from 'vitest';
import { SETTLE_MILLIS } from '../investigate/gather.ts';
import { dueLooks, lookTimes, sharedWindows } from './dueLooks.ts';

const T = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;

const change = (id: string, at: number, given: Partial<ConfigChange> = {}): ConfigChange =>
  exampleChange({ id, occurredAt: at, observedAt: at, effective: [{ dataPlane: 'dp-1', at }], ...given });

describe('looks that are due', () => {
  const clock = (now: number) => ({ now, settleMillis: SETTLE_MILLIS });

  it('come so long after the change came into force, when everything in them is final', () => {
    const times = lookTimes(change('a', T), PRODUCT_PARAMETERS, clock(T));
    expect(times).toEqual(PRODUCT_PARAMETERS.looks.map(({ afterMillis }) => T + afterMillis + SETTLE_MILLIS));
    const due = (now: number, madeAt?: number) =>
      dueLooks(change('a', T), ['prod'], PRODUCT_PARAMETERS, clock(now), madeAt)[0]?.dueAt;
    const [first = 0, second = 0] = times;
    expect([due(first - 1), due(first), due(second), due(second, first), due(second, second)]).toEqual([
      undefined,
      first,
      second,
      second,
      undefined,
    ]);
  });

  it('are none for what is settled, and for what no request touches', () => {
    const late = clock(T + 60 * MINUTE);
    const computed = { value: 'cleared', reason: 'within_margin', look: '+20m', at: T, settled: true };
    const looks = (given: Partial<ConfigChange>) =>
      dueLooks(change('a', T, given), ['prod', 'test'], PRODUCT_PARAMETERS, late, undefined).map(
        ({ environment }) => environment,
      );
    expect(looks({ verdict: { computed } })).toEqual([]);
    expect(looks({ environment: null, resource: { kind: 'admin_token', id: 't-1' } })).toEqual([]);
    // A budget of the organization may end requests anywhere.
    expect(looks({ environment: null, resource: { kind: 'budget', id: 'b-1' } })).toEqual(['prod', 'test']);
  });

  it('share a window with so many that it can be weighed in a while', () => {
    const late = clock(T + 60 * MINUTE);
    const looks = Array.from({ length: 1_000 }, (_, place) =>
      dueLooks(change(`c-${place}`, T + place), ['prod'], PRODUCT_PARAMETERS, late, undefined),
    ).flat();
    const groups = sharedWindows(looks);
    expect(groups.map((group) => group.length)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(groups.flat()).size).toBe(1_000);
  });

  it('share a window when they are near, and not across environments or hours', () => {
    const late = clock(T + 600 * MINUTE);
    const look = (id: string, at: number, environment = 'prod') =>
      dueLooks(change(id, at, { environment }), ['prod', 'test'], PRODUCT_PARAMETERS, late, undefined);
    const looks = [look('a', T), look('b', T + MINUTE), look('c', T, 'test'), look('d', T + 300 * MINUTE)].flat();
    expect(sharedWindows(looks).map((group) => group.map((one) => one.change.id))).toEqual([['a', 'b'], ['c'], ['d']]);
  });
});
