import { describe, expect, it } from 'vitest';
import { echoes } from './echo.ts';
import { mechanismOf } from './mechanism.ts';
import { onsetOf } from './onset.ts';
import { scanShare } from './scan.ts';
import { familyOf } from './signatures.ts';
import { newest, without } from './spans.ts';
import { change, ENTRIES, entry, evidenceOf, KEY_BATCH, MODEL_ONE, PROVIDER_A } from './testing/exampleWindow.ts';
import { sinceInForce, timeInForceOf } from './timeInForce.ts';

describe('what a change can do', () => {
  const weights = (...args: Parameters<typeof change>) => mechanismOf(change(...args));

  it('follows from its paths and their direction', () => {
    expect(weights('c', PROVIDER_A, [['/secret', 'a', 'b']]).worse).toMatchObject({ provider_auth: 1 });
    expect(weights('c', PROVIDER_A, [['/secret', 'a', 'b']]).worse.provider_status).toBeUndefined();
    expect(weights('c', MODEL_ONE, [['/timeout', 60_000, 110]]).worse.provider_timeout).toBe(1);
    expect(weights('c', MODEL_ONE, [['/timeout', 110, 60_000]]).worse.provider_timeout).toBeUndefined();
    expect(weights('c', MODEL_ONE, [['/timeout', 110, 60_000]]).better.provider_timeout).toBe(1);
    expect(weights('c', KEY_BATCH, [['/allowed_models', ['*'], ['one']]]).worse.forbidden).toBe(1);
    expect(weights('c', KEY_BATCH, [['/allowed_models', ['one'], ['one', 'two']]]).worse.forbidden).toBeUndefined();
    expect(weights('c', MODEL_ONE, [['/routing/targets/0/model', 'a', 'b']]).worse).toMatchObject({
      target_mix: 1,
      invalid_request: 1,
    });
  });

  it('is nothing for labels, names and prices, and unknown for what no table has', () => {
    for (const path of ['/telemetry_tags/pk_label', '/display_name', '/updated_at']) {
      const { worse, better, unknown } = weights('c', PROVIDER_A, [[path, 'a', 'b']]);
      expect([worse, better, unknown]).toEqual([{}, {}, false]);
    }
    expect(weights('c', MODEL_ONE, [['/a_field_of_tomorrow', 1, 2]]).unknown).toBe(true);
    expect(weights('c', { kind: 'a_kind_of_tomorrow', id: 'x' }, [['/x', 1, 2]]).unknown).toBe(true);
  });

  it('of a price is where requests go, where a group takes the cheapest target, and nothing else', () => {
    const price = change('c', MODEL_ONE, [['/cost/input', 1, 2]]);
    expect(weights('c', MODEL_ONE, [['/cost/input', 1, 2]]).worse).toEqual({});
    const group = (strategy: string) =>
      entry('model', 'g', 'group', { routing: { strategy, targets: [{ model: 'one' }, { model: 'two' }] } });
    const known = (strategy: string) =>
      evidenceOf([], [price], { entries: [...ENTRIES, group(strategy)] }).known(price).mechanism.worse;
    expect(known('least_cost')).toMatchObject({ target_mix: 1 });
    expect(known('failover')).toEqual({});
  });

  it('of a budget is its end, when it gets smaller', () => {
    const budget = { kind: 'budget', id: 'b', name: 'b' };
    expect(weights('c', budget, [['/limit_usd', 100, 10]])).toMatchObject({ worse: { budget: 1 }, better: {} });
    expect(weights('c', budget, [['/limit_usd', 10, 100]])).toMatchObject({ worse: {}, better: { budget: 1 } });
  });

  it('follows from coming and going', () => {
    expect(weights('c', MODEL_ONE, [], { action: 'delete' }).worse.not_found).toBe(1);
    expect(weights('c', MODEL_ONE, [], { action: 'create' }).better.not_found).toBe(1);
    expect(weights('c', KEY_BATCH, [], { action: 'delete' }).worse.vanished).toBe(1);
  });
});

describe('an echo', () => {
  const timeout = change('c', MODEL_ONE, [['/timeout', 60_000, 110]]);
  const address = change('c', PROVIDER_A, [['/api_base', 'https://a.example/v1', 'http://10.0.0.9:81/v1']]);

  it.each([
    [timeout, 'upstream request timed out after 113ms', true],
    [timeout, 'upstream request timed out after 60001ms', false],
    [timeout, 'upstream request timed out after 10ms', false],
    [address, 'error sending request for url (http://10.0.0.9:81/v1/chat)', true],
    [address, 'error sending request for url (https://a.example/v1/chat)', false],
  ])('%#: %s', (quoted, message, wanted) => {
    expect(echoes(quoted, message)).toBe(wanted);
  });

  it('is never of a hash, which stands in no message but by mistake', () => {
    const hashed = change('c', PROVIDER_A, [['/secret', 'hmac:000000000001', 'hmac:000000000002']]);
    expect(echoes(hashed, 'refused: hmac:000000000002')).toBe(false);
  });
});

describe('an onset', () => {
  /** One request a second from −60 to 60, bad from `from` seconds on. */
  const sequence = (from: number) => {
    const since = Float64Array.from({ length: 120 }, (_, index) => (index - 60) * 1_000 + 500);
    return { since, bad: Uint8Array.from(since, (at) => (at >= from * 1_000 ? 1 : 0)) };
  };

  it('that fits costs nothing and is sharp', () => {
    expect(onsetOf(sequence(0), 1, 2_000)).toMatchObject({ late: 0, elsewhere: 0 });
    expect(onsetOf(sequence(0), 1, 2_000).spread).toBeLessThan(1_500);
  });

  it('that is ten seconds late costs eight requests that should have failed, unless there is patience', () => {
    const { late, elsewhere, best } = onsetOf(sequence(10), 1, 2_000);
    expect(best).toBe(10_500 - 0);
    // From the tolerance of two seconds on: 50 of 50 bad read 50.5/51, so each costs −ln(0.5/51) = 4.6.
    expect(late).toBeGreaterThan(8 * 4.6 - 1);
    expect(elsewhere).toBeGreaterThan(5);
    expect(onsetOf(sequence(10), 1, 15_000)).toMatchObject({ late: 0, elsewhere: 0 });
  });

  it('that is before the change lies elsewhere', () => {
    expect(onsetOf(sequence(-20), 1, 2_000).elsewhere).toBeGreaterThan(5);
  });
});

describe('a scan', () => {
  const limits = { usualBins: 120, leastBad: 4, leastPoints: 0.02, leastNats: 11, leastShare: 0 };
  const total = Array(120).fill(20);

  it('finds when a share rose and when it fell again', () => {
    const bad = total.map((_, bin) => (bin >= 60 && bin < 80 ? 10 : 0));
    expect(scanShare(bad, total, limits)).toMatchObject([{ start: 60, end: 80, bad: 200, total: 400 }]);
  });

  it('does not learn that an incident is usual', () => {
    const bad = total.map((_, bin) => (bin >= 30 ? 10 : 0));
    const [rise, ...more] = scanShare(bad, total, limits);
    expect(rise).toMatchObject({ start: 30 });
    expect([rise?.end, more]).toEqual([undefined, []]);
  });

  it('finds nothing in steady trouble', () => {
    expect(
      scanShare(
        total.map((_, bin) => bin % 3),
        total,
        limits,
      ),
    ).toEqual([]);
  });
});

it('spans lose holes and keep their newest part', () => {
  const spans = without({ from: 0, to: 100 }, [
    { from: 20, to: 30 },
    { from: 90, to: 120 },
  ]);
  expect(spans).toEqual([
    { from: 0, to: 20 },
    { from: 30, to: 90 },
  ]);
  expect(newest(spans, 70)).toEqual([
    { from: 10, to: 20 },
    { from: 30, to: 90 },
  ]);
});

it('a request of a data plane that took the change later is still before it', () => {
  const rolled = change('c', MODEL_ONE, [['/timeout', 1, 2]], {
    effective: [
      { dataPlane: 'dp-1', at: 1_000_000 },
      { dataPlane: 'dp-2', at: 1_060_000 },
    ],
  });
  const time = timeInForceOf(rolled, 45_000);
  const since = (startTime: number, dataPlane?: string) =>
    sinceInForce(time, { startTime, dataPlane, reconstructed: false });
  expect([since(1_030_000, 'dp-1'), since(1_030_000, 'dp-2')]).toEqual([30_000, -30_000]);
  // Nobody says which one served it, and they disagree.
  expect(since(1_030_000)).toBeUndefined();
  expect(sinceInForce(time, { startTime: 1_000_500, dataPlane: 'dp-1', reconstructed: true })).toBeUndefined();
});

it('tells a provider that is down from one that does not want the request', () => {
  const family = (status: number, errorClass: string) => familyOf({ status, errorClass, outcome: 'provider_error' });
  expect(family(502, 'upstream_status')).toBe('provider_status');
  expect(family(404, 'upstream_status')).toBe('provider_refusal');
  expect(family(429, 'upstream_status')).toBe('provider_limit');
  expect(family(502, 'transport')).toBe('transport');
});
