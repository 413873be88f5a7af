import { outcomeOf } from '@aisix-observability/evidence';
import { describe, expect, it } from 'vitest';
import { USAGE_FIELDS, type UsageEvent } from '../recordings/wire.ts';
import { ORACLES, type OracleDelivery } from './oracles.ts';

const eventsOf = (deliveries: readonly OracleDelivery[]) =>
  deliveries.flatMap((delivery) => ('events' in delivery ? delivery.events : []));
const spansOf = (deliveries: readonly OracleDelivery[] = []) =>
  deliveries.flatMap((delivery) =>
    'traces' in delivery ? (delivery.traces.resourceSpans[0]?.scopeSpans[0]?.spans ?? []) : [],
  );
const outcomeOfEvent = (event: UsageEvent) =>
  outcomeOf({
    status: event.status_code,
    errorClass: event.error_class,
    guardrailBlocked: event.guardrail_blocked || (event.status_code === 422 && event.error_class === undefined),
  });

describe('oracles', () => {
  it('are fifteen with different names', () => {
    expect(new Set(ORACLES.map((oracle) => oracle.name)).size).toBe(15);
    expect(ORACLES.every((oracle) => oracle.name !== '' && oracle.deliveries.length > 0)).toBe(true);
  });

  it.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))(
    '%s: deliveries tell what is expected',
    (_, oracle) => {
      const events = eventsOf(oracle.deliveries);
      const key = (id: string, trace: string | undefined) => `${id} ${trace}`;
      expect(new Set(events.map((e) => key(e.request_id, e.trace_id)))).toEqual(
        new Set(oracle.expected.requests.map((r) => key(r.requestId, r.traceId))),
      );
      for (const wanted of oracle.expected.requests) {
        const own = events.filter((e) => e.request_id === wanted.requestId && e.trace_id === wanted.traceId);
        expect(own.some((e) => (e.requested_model ?? undefined) !== wanted.requestedModel)).toBe(false);
        for (const attempt of wanted.attempts) {
          const said = own.find(
            (e) => e.attempt_index === attempt.index && (e.attempt_kind ?? 'initial') === attempt.kind,
          );
          expect(said).toMatchObject({ status_code: attempt.status });
          if (said !== undefined) expect(outcomeOfEvent(said)).toBe(attempt.outcome);
          expect(said?.attempt_model ?? said?.requested_model).toBe(attempt.model);
        }
        if (wanted.status !== undefined) {
          const end = own.findLast((e) => e.status_code === wanted.status);
          expect(end && outcomeOfEvent(end)).toBe(wanted.outcome);
        }
      }
    },
  );

  it.each(ORACLES.map((oracle) => [oracle.name, oracle] as const))('%s: looks like the real thing', (_, oracle) => {
    const arrivals = oracle.deliveries.map((delivery) => delivery.receivedAt);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    for (const event of eventsOf(oracle.deliveries)) {
      const places = Object.keys(event)
        .map((field) => (USAGE_FIELDS as readonly string[]).indexOf(field))
        .filter((place) => place >= 0);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(event.occurred_at).toMatch(/^2026-08-22T12:0\d:\d\dZ$/);
    }
    const spans = spansOf(oracle.spanDeliveries);
    const ids = new Set(spans.map((span) => span.spanId));
    for (const span of spans) {
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      if (span.parentSpanId !== undefined) expect(ids).toContain(span.parentSpanId);
    }
    const server = new Set(spans.filter((span) => span.kind === 2).map((span) => span.spanId));
    if (oracle.spanDeliveries !== undefined) expect(server.size).toBe(oracle.expected.requests.length);
  });
});
