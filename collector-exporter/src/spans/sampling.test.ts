import { createHash } from 'node:crypto';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { createSampler } from './sampling.ts';
import { exampleAttempt, exampleRequest, failoverRequest } from './testing/exampleRequest.ts';

const traces = Array.from({ length: 20_000 }, (_, index) =>
  createHash('sha256').update(`trace ${index}`).digest('hex').slice(0, 32),
);

describe('sampling', () => {
  it.each<[string, Partial<GatewayRequest>, string]>([
    ['errors', { status: 502, outcome: 'provider_error' }, 'error'],
    ['refusals', { status: 429, outcome: 'rate_limited' }, 'error'],
    ['ends that nobody told', { outcome: 'unknown' }, 'error'],
    ['what a guardrail blocked', { status: 422, outcome: 'guardrail_blocked' }, 'blocked'],
    ['fallbacks', failoverRequest(), 'retried'],
    ['retries', { attempts: [exampleAttempt(), exampleAttempt({ index: 1, kind: 'retry' })] }, 'retried'],
    [
      'failed members of a panel',
      {
        attempts: [
          exampleAttempt({ kind: 'panel', status: 504, outcome: 'provider_timeout' }),
          exampleAttempt({ index: 1, kind: 'judge' }),
        ],
      },
      'retried',
    ],
    ['slow requests', { durationMs: 5000 }, 'slow'],
    ['corrections', { revision: 1 }, 'corrected'],
  ])('always keeps %s', (_, fields, reason) => {
    expect(createSampler({ ratio: 0, slowMillis: 5000 })(exampleRequest(fields))).toEqual({ keep: true, reason });
  });

  it('leaves out the rest at 0 and nothing at 1', () => {
    const request = exampleRequest();
    expect(createSampler({ ratio: 0 })(request)).toEqual({ keep: false, reason: 'sampled_out' });
    expect(createSampler({ ratio: 1 })(request)).toEqual({ keep: true, reason: 'ratio' });
    expect(createSampler({ ratio: 1 })(exampleRequest({ traceId: '0'.repeat(31).concat('1') })).keep).toBe(true);
    expect(createSampler({ ratio: 0 })(exampleRequest({ traceId: 'f'.repeat(32) })).keep).toBe(false);
  });

  it('lets callers that left and slow requests without a limit go by the ratio', () => {
    const sampler = createSampler({ ratio: 0 });
    expect(sampler(exampleRequest({ status: 499, outcome: 'client_closed' })).keep).toBe(false);
    expect(sampler(exampleRequest({ durationMs: 1e9 })).keep).toBe(false);
  });

  it.each([0.01, 0.1, 0.5])('keeps a share of %d by the trace id', (ratio) => {
    const sampler = createSampler({ ratio });
    const kept = traces.filter((traceId) => sampler(exampleRequest({ traceId })).keep).length;
    const deviation = Math.sqrt(traces.length * ratio * (1 - ratio));
    expect(Math.abs(kept - traces.length * ratio)).toBeLessThan(4 * deviation);
  });

  it('decides by the last 56 bits of the trace, as consistent sampling does, and alike for all of one trace', () => {
    const sampler = createSampler({ ratio: 0.25 });
    const keep = (traceId: string, requestId: string) => sampler(exampleRequest({ traceId, requestId })).keep;
    // Threshold of 25 %: 0xc0000000000000 of 2^56.
    expect(keep('4bf92f3577b34da6a3c0000000000000', 'a')).toBe(true);
    expect(keep('4bf92f3577b34da6a3bfffffffffffff', 'a')).toBe(false);
    for (const traceId of traces.slice(0, 100)) expect(keep(traceId, 'a')).toBe(keep(traceId, 'b'));
  });

  it('keeps at a higher ratio whatever it keeps at a lower one', () => {
    const [low, high] = [createSampler({ ratio: 0.1 }), createSampler({ ratio: 0.3 })];
    const kept = traces.filter((traceId) => low(exampleRequest({ traceId })).keep);
    expect(kept.every((traceId) => high(exampleRequest({ traceId })).keep)).toBe(true);
  });

  it('decides also where the trace is not known', () => {
    const { traceId: _, ...request } = exampleRequest();
    const sampler = createSampler({ ratio: 0.5 });
    const decisions = Array.from({ length: 100 }, (__, index) => sampler({ ...request, requestId: `r${index}` }).keep);
    expect(new Set(decisions).size).toBe(2);
  });

  it.each([-0.1, 1.1, Number.NaN])('refuses a ratio of %d', (ratio) => {
    expect(() => createSampler({ ratio })).toThrow(RangeError);
  });
});
