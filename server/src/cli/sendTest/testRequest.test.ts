import { decodeTraces, decodeUsageEvents } from '@aisix-observability/collector-exporter';
import { expect, it } from 'vitest';
import { createTestRequest, exportRequest, TEST_USER_AGENT, usageEvent } from './testRequest.ts';

const NOW = Date.parse('2026-11-23T06:00:00.250Z');
const request = createTestRequest(NOW, (bytes) => 'a1'.repeat(bytes));

it.each([
  ['usage event', 'telemetry', [usageEvent(request)]],
  ['spans', 'otlp', exportRequest(request)],
] as const)('the test request as %s is in the gateway’s own words, its mark too', (_, input, sent) => {
  const counted: string[] = [];
  const recorder = {
    count: (name: string, value: number) => void (value > 0 && counted.push(name)),
    gauge() {},
    observe() {},
  };
  const context = { recorder, now: NOW };
  const { reports, refused } =
    input === 'otlp' ? decodeTraces(sent, { ...context, input }) : decodeUsageEvents(sent, { ...context, input });
  expect([refused, counted]).toEqual([[], []]);
  expect(reports.length).toBeGreaterThan(0);
  for (const report of reports) {
    expect(report).toMatchObject({ requestId: request.requestId, clientUserAgent: TEST_USER_AGENT });
  }
});
