import { type Delivery, decodeTraces, decodeUsageEvents } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { ORACLES, type OracleDelivery } from '../gateway/oracles.ts';
import { MemoryAssembly } from './memoryAssembly.ts';

const ENVIRONMENT = 'prod';

function toDelivery(delivery: OracleDelivery): Delivery {
  const { receivedAt } = delivery;
  const context = { recorder: silentRecorder, now: receivedAt };
  const { reports, refused } =
    'events' in delivery
      ? decodeUsageEvents(delivery.events, { ...context, input: 'telemetry' })
      : decodeTraces(delivery.traces, { ...context, input: 'otlp' });
  expect(refused).toEqual([]);
  return { input: 'events' in delivery ? 'telemetry' : 'otlp', environment: ENVIRONMENT, receivedAt, reports };
}

function assembled(deliveries: readonly OracleDelivery[]): GatewayRequest[] {
  const assembly = new MemoryAssembly();
  for (const delivery of deliveries) assembly.add(toDelivery(delivery));
  return assembly.finish();
}

/** What an oracle speaks of, and nothing else. */
function told(request: GatewayRequest) {
  const { requestId, traceId, status, outcome, requestedModel, servedModel, tokens } = request;
  return {
    requestId,
    traceId,
    status,
    outcome,
    requestedModel,
    servedModel,
    tokens: tokens && { input: tokens.input, output: tokens.output },
    attempts: request.attempts.map(({ index, kind, status: of, outcome: became, model }) => ({
      index,
      kind,
      status: of,
      outcome: became,
      model,
    })),
  };
}

const byId = (a: { requestId: string; traceId?: string | undefined }, b: typeof a) =>
  `${a.requestId} ${a.traceId}` < `${b.requestId} ${b.traceId}` ? -1 : 1;

describe.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))('%s', (_, oracle) => {
  const expected = oracle.expected.requests.toSorted(byId);

  it('comes out of usage events', () => {
    expect(assembled(oracle.deliveries).map(told).toSorted(byId)).toEqual(expected);
  });

  it('comes out the same when everything arrives twice and backwards', () => {
    const last = Math.max(...oracle.deliveries.map(({ receivedAt }) => receivedAt));
    const twice = [...oracle.deliveries, ...oracle.deliveries]
      .toReversed()
      .map((delivery) => ({ ...delivery, receivedAt: last }));
    expect(assembled(twice).map(told).toSorted(byId)).toEqual(expected);
  });
});

const WITH_SPANS = ORACLES.flatMap(({ name, deliveries, spanDeliveries, expected }) =>
  spanDeliveries === undefined ? [] : [{ name, deliveries: [...deliveries, ...spanDeliveries], expected }],
);

describe.each(WITH_SPANS)('$name, with spans too', ({ deliveries, expected }) => {
  it('comes out of both feeds, with true times', () => {
    const requests = assembled(deliveries.toSorted((a, b) => a.receivedAt - b.receivedAt));
    expect(requests.map(told).toSorted(byId)).toEqual(expected.requests.toSorted(byId));
    expect(requests.every(({ timing }) => timing === 'measured')).toBe(true);
  });
});
