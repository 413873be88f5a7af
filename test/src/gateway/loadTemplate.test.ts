import { describe, expect, it } from 'vitest';
import type { OtlpTraces, UsageEvent } from '../recordings/index.ts';
import { loadTemplates } from './loadTemplate.ts';

const RUN = 'abcd1234';
const NOW = Date.parse('2027-09-09T09:09:09.500Z');

describe('loadTemplates', () => {
  it('renders new requests at the present time with every use', () => {
    const templates = loadTemplates('telemetry', 100, 3, RUN);
    const seen = new Set<string>();
    let requests = 0;
    for (let serial = 0; serial < 9; serial++) {
      const template = templates[serial % 3];
      const body = JSON.parse(template?.render(serial, NOW).toString('utf8') ?? '') as { events: UsageEvent[] };
      expect(template?.records).toBe(100);
      expect(body.events).toHaveLength(100);
      const own = new Set(body.events.map((event) => `${event.request_id} ${event.trace_id}`));
      requests += own.size;
      for (const key of own) {
        expect(key).toMatch(/^abcd1234-[0-9a-f-]{27} abcd1234[0-9a-f]{24}$/);
        seen.add(key);
      }
      const newest = Math.max(...body.events.map((event) => Date.parse(event.occurred_at)));
      expect(newest).toBe(Math.floor(NOW / 1000) * 1000);
      expect(Math.min(...body.events.map((event) => Date.parse(event.occurred_at)))).toBeGreaterThan(NOW - 60_000);
    }
    expect(seen.size).toBe(requests);
    expect(requests).toBeGreaterThan(700);
  });

  it('keeps ids and times of the spans of one request together', () => {
    const [template] = loadTemplates('otlp', 100, 1, RUN);
    const spansAt = (serial: number) => {
      const traces = JSON.parse(template?.render(serial, NOW).toString('utf8') ?? '') as OtlpTraces;
      return traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    };
    const requestId = (span: ReturnType<typeof spansAt>[number]) =>
      span.attributes.flatMap(({ key, value }) =>
        key === 'aisix.request_id' && 'stringValue' in value ? [value.stringValue] : [],
      )[0];
    const first = spansAt(1);
    const pairs = new Set(first.map((span) => `${span.traceId} ${requestId(span)}`));
    expect(pairs.size).toBe(new Set(first.map((span) => span.traceId)).size);
    const second = spansAt(2);
    expect(second.map((span) => span.spanId)).toEqual(first.map((span) => span.spanId));
    expect(second.some((span) => first.some((other) => other.traceId === span.traceId))).toBe(false);
    for (const span of first) {
      const [start, end] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
      expect(end).toBeGreaterThan(start);
      expect(Number(end / 1_000_000n)).toBeGreaterThan(NOW - 60_000);
      expect(Number(end / 1_000_000n)).toBeLessThan(NOW + 1_000);
    }
  });

  it('makes archive lines for uploads', () => {
    const [template] = loadTemplates('object_store', 100, 1, RUN);
    const lines = template?.render(7, NOW).toString('utf8').trimEnd().split('\n') ?? [];
    expect(lines).toHaveLength(100);
    expect(lines.every((line) => line.startsWith('{"schema_version":"1.0","request_id":"abcd1234-'))).toBe(true);
  });
});
