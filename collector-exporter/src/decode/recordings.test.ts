import { describe, expect, it } from 'vitest';
import type { AttemptReport } from '../report.ts';
import { DECODE_METRICS } from './tally.ts';
import { createCounter } from './testing/counter.ts';
import { protobufOf } from './testing/protobufOf.ts';
import {
  AFTER_RECORDINGS,
  RECORDED,
  RECORDINGS,
  recordedSecrets,
  recordedTelemetry,
  recordedTraces,
} from './testing/recordings.ts';
import { decodeTraces } from './traces.ts';
import { decodeTracesProtobuf } from './tracesProtobuf.ts';
import { decodeUsageEvents } from './usageEvents.ts';
import { decodeUsageNdjson } from './usageNdjson.ts';

const secrets = recordedSecrets();

function expectNoSecrets(reports: readonly AttemptReport[]): void {
  const text = JSON.stringify(reports);
  for (const secret of secrets) expect(text.includes(secret), 'a recorded secret').toBe(false);
}

describe.each(RECORDINGS)('the recording %s', (recording) => {
  it('gives a report for every usage event and loses no field on the way', () => {
    const counter = createCounter();
    const ctx = { input: 'telemetry', recorder: counter, now: AFTER_RECORDINGS } as const;
    let count = 0;
    for (const { events } of recordedTelemetry(recording)) {
      const { reports, refused, refusedCount } = decodeUsageEvents(events, ctx);
      expect(refused).toEqual([]);
      expect(refusedCount).toBe(0);
      count += reports.length;
      expectNoSecrets(reports);
      expect(reports.every(({ extra }) => extra === undefined)).toBe(true);
      const ndjson = Buffer.from(
        events.map((event) => `${JSON.stringify({ schema_version: '1.0', ...event })}\n`).join(''),
      );
      expect(decodeUsageNdjson(ndjson, { ...ctx, input: 'archive' }).reports).toEqual(reports);
    }
    expect(count).toBe(RECORDED[recording].events);
    for (const metric of Object.values(DECODE_METRICS)) expect(counter.sum(metric), metric).toBe(0);
  });

  it('gives a report for every span, the same from protobuf', () => {
    const counter = createCounter();
    const ctx = { input: 'otlp', recorder: counter, now: AFTER_RECORDINGS } as const;
    const posts = recordedTraces(recording);
    expect(posts.length).toBe(RECORDED[recording].posts);
    let count = 0;
    for (const [at, post] of posts.entries()) {
      const decoded = decodeTraces(post, ctx);
      expect(decoded.refused).toEqual([]);
      expect(decoded.rejectedSpans).toBe(0);
      count += decoded.reports.length;
      expectNoSecrets(decoded.reports);
      if (recording === 'suite' || at % 8 === 0) expect(decodeTracesProtobuf(protobufOf(post), ctx)).toEqual(decoded);
    }
    expect(count).toBe(RECORDED[recording].spans);
    for (const metric of Object.values(DECODE_METRICS)) expect(counter.sum(metric), metric).toBe(0);
  });
});

it('keeps every value of every recorded event under its own name', () => {
  const seen = new Set<string>();
  const ctx = { input: 'telemetry', recorder: createCounter(), now: AFTER_RECORDINGS } as const;
  for (const { events } of recordedTelemetry('suite')) {
    for (const event of events) {
      const [report] = decodeUsageEvents([event], ctx).reports;
      const values = new Set(flatValues(report));
      for (const [name, value] of Object.entries(event)) {
        if (name === 'occurred_at' || name.startsWith('guardrail_') || value === 0 || value === '' || value === false)
          continue;
        for (const one of flatValues(value)) expect(values.has(one), `${name} of ${event.request_id}`).toBe(true);
        seen.add(name);
      }
    }
  }
  expect(seen.size).toBeGreaterThan(45);
});

function flatValues(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.values(value).flatMap(flatValues);
}
