import { type Delivery, decodeTraces, decodeUsageEvents } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { silentRecorder } from '@aisix-observability/pipeline';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ClientCall,
  loadClient,
  loadOtlp,
  loadTelemetry,
  RECORDED_DATA_PLANE,
  RECORDED_ENVIRONMENT,
  type RecordingName,
  STORIES,
} from '../recordings/index.ts';
import { MemoryAssembly } from './memoryAssembly.ts';

function usageDeliveries(name: RecordingName): Delivery[] {
  return loadTelemetry(name).map(({ receivedAt, body }) => {
    const decoded = decodeUsageEvents(body.events, { input: 'telemetry', recorder: silentRecorder, now: receivedAt });
    expect(decoded.refused).toEqual([]);
    return {
      input: 'telemetry',
      environment: RECORDED_ENVIRONMENT,
      dataPlane: RECORDED_DATA_PLANE,
      receivedAt,
      reports: decoded.reports,
    };
  });
}

function spanDeliveries(name: RecordingName): Delivery[] {
  return loadOtlp(name).map(({ receivedAt, body }) => {
    const decoded = decodeTraces(body, { input: 'otlp', recorder: silentRecorder, now: receivedAt });
    expect(decoded.refused).toEqual([]);
    return { input: 'otlp', environment: RECORDED_ENVIRONMENT, receivedAt, reports: decoded.reports };
  });
}

function assemble(deliveries: readonly Delivery[]): GatewayRequest[] {
  const assembly = new MemoryAssembly();
  for (const delivery of deliveries.toSorted((a, b) => a.receivedAt - b.receivedAt)) assembly.add(delivery);
  return assembly.finish();
}

const attempts = (requests: readonly GatewayRequest[]) =>
  requests.reduce((total, request) => total + request.attempts.length, 0);

describe('what is a request and what is an attempt', () => {
  it.each([
    ['suite', 1_026, 1_005],
    ['story', 12_827, 12_565],
    ['story-2', 15_423, 16_949],
  ] as const)('%s from usage events: %i requests, %i attempts', (name, requests, tries) => {
    const assembled = assemble(usageDeliveries(name));
    expect([assembled.length, attempts(assembled)]).toEqual([requests, tries]);
  });

  it('suite from spans alone: 588 requests, 608 attempts', () => {
    const assembled = assemble(spanDeliveries('suite'));
    expect([assembled.length, attempts(assembled)]).toEqual([588, 608]);
  });

  it('suite from both feeds: 1,027 requests, 1,006 attempts', () => {
    const assembled = assemble([...usageDeliveries('suite'), ...spanDeliveries('suite')]);
    expect([assembled.length, attempts(assembled)]).toEqual([1_027, 1_006]);
  });
});

/** How far the truncated second may be from the truth (facts K.1), with 10 ms for the caller's side of the wire. */
const RECONSTRUCTED_TOLERANCE_MILLIS = 510;
/** Two clocks on one machine, and the caller's own handling. */
const MEASURED_TOLERANCE_MILLIS = 5;

describe.each(STORIES)('%s against what the callers saw', (name) => {
  let calls: (readonly [ClientCall, GatewayRequest])[];
  let usageOnly: Map<string, GatewayRequest>;
  let unheard: ClientCall[];

  beforeAll(() => {
    const both = assemble([...usageDeliveries(name), ...spanDeliveries(name)]);
    const byId = new Map(both.map((request) => [request.requestId, request]));
    usageOnly = new Map(assemble(usageDeliveries(name)).map((request) => [request.requestId, request]));
    unheard = [];
    calls = loadClient(name).flatMap((call) => {
      const request = byId.get(call.id ?? '');
      if (request !== undefined) return [[call, request] as const];
      unheard.push(call);
      return [];
    });
  });

  it('only calls refused for their caller key are missing', () => {
    expect(unheard.filter(({ id }) => id !== null).every(({ status }) => status === 401)).toBe(true);
    expect(unheard.filter(({ status }) => status === 401)).toHaveLength(name === 'story' ? 65 : 315);
    expect(calls).toHaveLength(name === 'story' ? 12_827 : 15_423);
  });

  it('every status is what the caller saw, with both feeds and with usage alone', () => {
    const wrong = calls.filter(([call, request]) => call.status !== request.status);
    const wrongAlone = calls.filter(([call]) => call.status !== usageOnly.get(call.id ?? '')?.status);
    expect(wrong).toEqual([]);
    expect(wrongAlone).toEqual([]);
  });

  it('the served model is what the gateway told the caller', () => {
    const told = calls.filter(([call]) => call.served !== null);
    expect(told.length).toBeGreaterThan(1_000);
    expect(told.filter(([call, request]) => call.served !== request.servedModel)).toEqual([]);
    expect(calls.filter(([, request]) => request.outcome !== 'success' && request.servedModel !== undefined)).toEqual(
      [],
    );
  });

  it('measured times lie inside what the caller measured, and the parent is the caller', () => {
    for (const [call, request] of calls) {
      expect(request.timing).toBe('measured');
      expect(request.startTime).toBeGreaterThanOrEqual(call.t0 - MEASURED_TOLERANCE_MILLIS);
      expect(request.endTime).toBeLessThanOrEqual(call.t0 + call.ms + MEASURED_TOLERANCE_MILLIS);
      const [, traceId, parentSpanId] = call.traceparent?.split('-') ?? [];
      expect(request.parent?.spanId).toBe(parentSpanId);
      if (traceId !== undefined) expect(request.traceId).toBe(traceId);
    }
  });

  it('reconstructed ends are within half a second of the truth', () => {
    for (const [call, measured] of calls) {
      const alone = usageOnly.get(call.id ?? '');
      expect(alone?.timing).toBe('reconstructed');
      expect(Math.abs((alone?.endTime ?? 0) - measured.endTime)).toBeLessThanOrEqual(RECONSTRUCTED_TOLERANCE_MILLIS);
    }
  });

  it('attempts lie inside their request', () => {
    for (const request of [...usageOnly.values(), ...calls.map(([, measured]) => measured)]) {
      for (const attempt of request.attempts) {
        expect(attempt.startTime).toBeGreaterThanOrEqual(request.startTime);
        expect(attempt.endTime).toBeLessThanOrEqual(request.endTime);
        expect(attempt.durationMs).toBeGreaterThanOrEqual(0);
      }
    }
  });
});
