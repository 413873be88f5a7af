import {
  type AttemptReport,
  type Delivery,
  decodeTraces,
  decodeUsageEvents,
} from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { MemoryAssembly } from '../assemble/memoryAssembly.ts';
import type { OtlpTraces, UsageEvent } from '../recordings/index.ts';
import { createExporters } from './exporters.ts';
import { type ExpectedRequest, ORACLES, type OracleDelivery } from './oracles.ts';
import { createRandom } from './random.ts';
import { EVEN_MIX } from './scenarios.ts';
import { createGatewaySimulator } from './simulator.ts';

const ENVIRONMENT = '0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11';

function delivery(receivedAt: number, body: { events: readonly UsageEvent[] } | { traces: OtlpTraces }): Delivery {
  const now = receivedAt;
  const decoded =
    'events' in body
      ? decodeUsageEvents(body.events, { input: 'telemetry', recorder: silentRecorder, now })
      : decodeTraces(body.traces, { input: 'otlp', recorder: silentRecorder, now });
  const input = 'events' in body ? 'telemetry' : 'otlp';
  return { input, environment: ENVIRONMENT, receivedAt, reports: decoded.reports as readonly AttemptReport[] };
}

function assembled(deliveries: readonly Delivery[]): GatewayRequest[] {
  const assembly = new MemoryAssembly();
  for (const item of deliveries) assembly.add(item);
  return assembly.finish();
}

const ofOracle = (deliveries: readonly OracleDelivery[]) =>
  assembled(deliveries.map((item) => delivery(item.receivedAt, item)));

/** The part of a request that an oracle speaks of. */
function told(request: GatewayRequest): ExpectedRequest {
  const { requestId, traceId = '', status, outcome, requestedModel, servedModel, tokens, attempts } = request;
  return {
    requestId,
    traceId,
    ...(status !== undefined && { status }),
    outcome,
    ...(requestedModel !== undefined && { requestedModel }),
    ...(servedModel !== undefined && { servedModel }),
    ...(tokens !== undefined && { tokens: { input: tokens.input ?? 0, output: tokens.output ?? 0 } }),
    attempts: attempts.map((attempt) => ({
      index: attempt.index,
      kind: attempt.kind,
      status: attempt.status ?? 0,
      outcome: attempt.outcome,
      ...(attempt.model !== undefined && { model: attempt.model }),
    })),
  };
}
const byId = (a: ExpectedRequest, b: ExpectedRequest) =>
  `${a.requestId}${a.traceId}`.localeCompare(`${b.requestId}${b.traceId}`);

describe('oracles, assembled', () => {
  it.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))('%s: from usage events', (_, oracle) => {
    expect(ofOracle(oracle.deliveries).map(told).sort(byId)).toEqual(oracle.expected.requests.toSorted(byId));
  });

  it.each(
    ORACLES.flatMap(({ name, spanDeliveries, deliveries, expected }) =>
      spanDeliveries === undefined ? [] : [[name, spanDeliveries, deliveries, expected.requests] as const],
    ),
  )('%s: from spans, and from both', (_, spans, events, expected) => {
    const both = [...events, ...spans].toSorted((a, b) => a.receivedAt - b.receivedAt);
    expect(ofOracle(spans).map(told).sort(byId)).toEqual(expected.toSorted(byId));
    expect(ofOracle(both).map(told).sort(byId)).toEqual(expected.toSorted(byId));
  });
});

describe('simulated traffic, assembled', () => {
  const NOW = Date.parse('2027-05-06T07:08:09.123Z');
  const requests = createGatewaySimulator({ seed: 21, ratePerSecond: 25, now: () => NOW, mix: EVEN_MIX }).until(
    NOW + 60_000,
  );
  const truths = new Map(requests.map(({ truth }) => [truth.requestId, truth]));

  const deliveriesOf = (feeds: { usage: boolean; spans: boolean }, duplicated = 0): Delivery[] => {
    const exporters = createExporters(NOW, { random: createRandom(5), duplicated });
    exporters.offer(requests);
    const deliveries: Delivery[] = [];
    for (const flush of [exporters.advance(NOW + 120_000), exporters.drain()]) {
      if (feeds.usage) deliveries.push(...flush.objects.map(({ at, items }) => delivery(at, { events: items })));
      if (feeds.spans)
        deliveries.push(...flush.traces.flatMap(({ at, items }) => items.map((traces) => delivery(at, { traces }))));
    }
    return deliveries.sort((a, b) => a.receivedAt - b.receivedAt);
  };

  it.each([
    ['usage events', { usage: true, spans: false }],
    ['spans', { usage: false, spans: true }],
    ['both feeds', { usage: true, spans: true }],
  ] as const)('gives its truth back from %s, with duplicates', (_, feeds) => {
    const found = assembled(deliveriesOf(feeds, 0.2));
    // Spans say nothing of a guardrail that stopped an answer of 200, and carry no attempt of a single-shot failure.
    const blind = (scenario: string) =>
      !feeds.usage && ['guardrail_output_stream', 'mcp_blocked', 'embeddings_failed'].includes(scenario);
    expect(found).toHaveLength(requests.length);
    for (const request of found) {
      const truth = truths.get(request.requestId);
      if (truth === undefined) throw new Error('Nobody asked for this.');
      if (blind(truth.scenario)) continue;
      expect(request).toMatchObject({
        status: truth.status,
        outcome: truth.outcome,
        timing: feeds.spans ? 'measured' : 'reconstructed',
      });
      expect(request.requestedModel).toBe(truth.requestedModel);
      if (truth.requestedModel !== undefined) expect(request.servedModel).toBe(truth.servedModel);
      expect(request.attempts.map(({ index, kind, status }) => ({ index, kind, status }))).toEqual(
        truth.attempts.map(({ index, kind, status }) => ({ index, kind, status })),
      );
      expect(Math.abs(request.endTime - truth.end)).toBeLessThanOrEqual(feeds.spans ? 0.01 : 510);
      if (feeds.spans) {
        expect(Math.abs(request.startTime - truth.start)).toBeLessThanOrEqual(0.01);
        expect(request.parent?.spanId).toBe(truth.parentSpanId);
      }
    }
  });
});
