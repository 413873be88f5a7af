import { describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { createGatewaySimulator } from './simulator.ts';
import { DEFAULT_KEYS } from './world.ts';

const NOW = 1_800_000_000_000;
const during = (fault: Fault) => {
  const simulator = createGatewaySimulator({
    seed: 3,
    ratePerSecond: 50,
    now: () => NOW,
    mix: { success: 3, stream: 1 },
    faults: [fault],
  });
  const all = simulator.until(NOW + 30_000);
  return {
    before: all.filter(({ truth }) => truth.start < fault.from),
    inside: all.filter(({ truth }) => truth.start >= fault.from && truth.start < fault.to),
    after: all.filter(({ truth }) => truth.start > fault.to + 5_000),
  };
};
const period = { from: NOW + 10_000, to: NOW + 20_000 };
const failures = (all: ReturnType<typeof during>['inside']) => all.filter(({ truth }) => truth.outcome !== 'success');

describe('faults', () => {
  it.each([
    [{ ...period, kind: 'provider_outage', provider: 'mistral-prod' }, 'provider_error', 'mistral-large', 502],
    [{ ...period, kind: 'unreachable', provider: 'mistral-prod' }, 'provider_error', 'mistral-large', 502],
    [{ ...period, kind: 'wrong_secret', provider: 'mistral-prod' }, 'provider_auth', 'mistral-large', 401],
    [{ ...period, kind: 'timeout', model: 'gpt-4o-mini', afterMs: 100 }, 'provider_timeout', 'gpt-4o-mini', 504],
    [{ ...period, kind: 'model_deleted', model: 'gpt-4o-mini' }, 'not_found', 'gpt-4o-mini', 404],
  ] as const)('%o hits its model and nothing else', (fault, outcome, model, status) => {
    const { before, inside, after } = during(fault);
    expect(failures([...before, ...after])).toEqual([]);
    const failed = failures(inside);
    expect(failed.length).toBeGreaterThan(20);
    expect(new Set(failed.map(({ truth }) => `${truth.outcome} ${truth.requestedModel} ${truth.status}`))).toEqual(
      new Set([`${outcome} ${model} ${status}`]),
    );
    // Retries of the last seconds may see the fault end.
    const early = inside.filter(({ truth }) => truth.requestedModel === model && truth.start < fault.to - 3_000);
    expect(failures(early)).toHaveLength(early.length);
  });

  it('lets a group fail over, and leaves the failing target alone for a while', () => {
    const { inside } = during({ ...period, kind: 'provider_outage', provider: 'openai-prod' });
    const smart = inside.filter(({ truth }) => truth.requestedModel === 'smart');
    expect(smart.length).toBeGreaterThan(20);
    expect(smart.every(({ truth }) => truth.servedModel === 'backup-small')).toBe(true);
    const tried = smart.filter(({ truth }) => truth.attempts.length === 2);
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.length).toBeLessThan(smart.length / 2);
  });

  it('limits one caller key and forbids models to another', () => {
    const limited = failures(during({ ...period, kind: 'rate_limit', key: 'team-batch', share: 1 }).inside);
    const batch = DEFAULT_KEYS.find((key) => key.name === 'team-batch')?.id;
    expect(new Set(limited.map(({ truth }) => `${truth.outcome} ${truth.apiKeyId}`))).toEqual(
      new Set([`rate_limited ${batch}`]),
    );
    const forbidden = failures(
      during({ ...period, kind: 'forbidden', key: 'team-mobile', exceptModel: 'gpt-4o' }).inside,
    );
    expect(new Set(forbidden.map(({ truth }) => truth.outcome))).toEqual(new Set(['forbidden']));
    expect(forbidden.some(({ truth }) => truth.requestedModel === 'gpt-4o')).toBe(false);
  });

  it('slows a provider down without failing it, and blocks a share of the inputs', () => {
    const slow = during({ ...period, kind: 'slow', provider: 'openai-prod', factor: 20 });
    expect(failures(slow.inside)).toEqual([]);
    const longest = (all: typeof slow.inside) => Math.max(...all.map(({ truth }) => truth.end - truth.start));
    expect(longest(slow.inside)).toBeGreaterThan(2 * longest(slow.before));
    const blocked = during({ ...period, kind: 'guardrail', share: 0.3 }).inside;
    expect(failures(blocked).length / blocked.length).toBeCloseTo(0.3, 1);
  });
});
