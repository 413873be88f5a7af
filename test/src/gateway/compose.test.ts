import { describe, expect, it } from 'vitest';
import { EVEN_MIX } from './scenarios.ts';
import { createGatewaySimulator } from './simulator.ts';

const simulator = createGatewaySimulator({ seed: 5, ratePerSecond: 50, now: () => 1_800_000_000_000, mix: EVEN_MIX });
const requests = Array.from({ length: 2_000 }, () => simulator.next());
const millis = (nanos: string) => Number(BigInt(nanos) / 1000n) / 1000;

describe('compose', () => {
  it('ends every request with the status of its truth', () => {
    for (const { truth, records } of requests) {
      const last = records.at(-1);
      expect(last?.event.status_code).toBe(truth.status);
      expect(last?.at).toBe(truth.end);
      expect(Date.parse(last?.event.occurred_at ?? '')).toBe(Math.floor(truth.end / 1000) * 1000);
    }
  });

  it('emits failed attempts of a stream when it opens, before the winner', () => {
    const early = requests.filter(({ truth }) => truth.scenario === 'failover_stream');
    expect(early.length).toBeGreaterThan(20);
    for (const { records } of early) {
      const [failed, winner] = records;
      expect(winner?.event.upstream_ttft_ms).toBeGreaterThan(0);
      expect((winner?.at ?? 0) - (failed?.at ?? 0)).toBeGreaterThan(100);
    }
    const together = requests.filter(({ truth }) => truth.scenario === 'failover');
    for (const { records } of together) expect(records[0]?.at).toBe(records[1]?.at);
  });

  it('builds one whole span tree per request, inside the true times', () => {
    for (const { truth, records } of requests) {
      const spans = records.flatMap((record) => record.spans);
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      expect(byId.size).toBe(spans.length);
      const servers = spans.filter((span) => span.kind === 2);
      expect(servers).toHaveLength(1);
      expect(millis(servers[0]?.startTimeUnixNano ?? '0')).toBeCloseTo(truth.start, 2);
      expect(millis(servers[0]?.endTimeUnixNano ?? '0')).toBeCloseTo(truth.end, 2);
      expect(servers[0]?.parentSpanId).toBe(truth.parentSpanId);
      expect(servers[0]?.flags).toBe(truth.parentSpanId === undefined ? 0x101 : 0x301);
      for (const span of spans.filter((item) => item.kind !== 2)) {
        const parent = byId.get(span.parentSpanId ?? '');
        expect(parent).toBeDefined();
        expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parent?.startTimeUnixNano ?? 0));
        expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(parent?.endTimeUnixNano ?? 0));
      }
    }
  });

  it('carries each attempt on exactly one CLIENT span, but for single-shot failures', () => {
    for (const { truth, records } of requests.filter((r) => r.truth.scenario !== 'embeddings_failed')) {
      const indices = records
        .flatMap((record) => record.spans)
        .filter((span) => span.kind === 3)
        .flatMap((span) => span.attributes.filter(({ key }) => key === 'aisix.attempt_index'))
        .map(({ value }) => ('intValue' in value ? Number(value.intValue) : -1));
      expect(indices.toSorted((a, b) => a - b)).toEqual(truth.attempts.map((attempt) => attempt.index));
    }
  });
});
