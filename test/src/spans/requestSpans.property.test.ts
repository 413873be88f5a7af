import {
  ATTRIBUTE_TABLE,
  createSpanOptions,
  createSpanSerializer,
  MAX_LIST_ITEMS,
  MAX_TEXT_BYTES,
  requestSpans,
  SCOPE_NAME,
  type SpanSettings,
} from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayRequest } from '../arbitrary/gatewayRequest.ts';
import { type BackendSpan, backendSpans } from './decodedSpans.ts';
import { decodeJsonStrictly, decodeProtobufStrictly } from './strictOtlp.ts';

const RUNS = { numRuns: 250 };
const SERVER = 2;
const CLIENT = 3;

const toJson = createSpanSerializer('http/json');
const toProtobuf = createSpanSerializer('http/protobuf');

const settings: fc.Arbitrary<SpanSettings> = fc.record(
  {
    traceId: fc.constantFrom('inherit' as const, 'fresh' as const),
    legacyGenAi: fc.boolean(),
    redaction: fc.constantFrom(
      {},
      {
        drop: ['aisix.error_message', 'client.address'],
        hash: ['gen_ai.request.model', 'aisix.guardrail.names'],
        key: 'k',
      },
    ),
  },
  { requiredKeys: [] },
);

const encoded = (request: GatewayRequest, how: SpanSettings) => {
  const spans = requestSpans(request, createSpanOptions(how));
  return { json: toJson(spans), protobuf: toProtobuf(spans) };
};

/** What a backend sees of it; throws where a strict one would refuse. */
function asSeen(request: GatewayRequest, how: SpanSettings = {}): BackendSpan[] {
  return backendSpans(decodeProtobufStrictly(encoded(request, how).protobuf));
}

/** The same object with the keys of every object in reverse order. */
function reversedKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversedKeys) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, held]) => [key, reversedKeys(held)]),
  ) as T;
}

const usageKeys = (span: BackendSpan) =>
  Object.keys(span.attributes).filter((name) => name.startsWith('gen_ai.usage.'));

describe('spans of any request', () => {
  it('are accepted by a strict decoder in both encodings, and say the same in both', () => {
    fc.assert(
      fc.property(gatewayRequest, settings, (request, how) => {
        const { json, protobuf } = encoded(request, how);
        expect(decodeJsonStrictly(json)).toEqual(decodeProtobufStrictly(protobuf));
      }),
      RUNS,
    );
  });

  it('are the same bytes each time, whatever the order of the input’s keys', () => {
    fc.assert(
      fc.property(gatewayRequest, settings, (request, how) => {
        const again = JSON.parse(JSON.stringify(reversedKeys(request))) as GatewayRequest;
        const same = JSON.parse(JSON.stringify(request)) as GatewayRequest;
        expect(Buffer.compare(encoded(again, how).json, encoded(same, how).json)).toBe(0);
        expect(Buffer.compare(encoded(again, how).protobuf, encoded(same, how).protobuf)).toBe(0);
      }),
      RUNS,
    );
  });

  it('form one tree: SERVER, the logical call, its attempts; each id once, each child inside its parent', () => {
    fc.assert(
      fc.property(gatewayRequest, settings, (request, how) => {
        const spans = asSeen(request, how);
        expect(spans).toHaveLength(request.attempts.length === 0 ? 1 : 2 + request.attempts.length);
        expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
        expect(new Set(spans.map((span) => span.spanId)).size).toBe(spans.length);
        expect(spans.every((span) => span.scope === SCOPE_NAME)).toBe(true);
        const [server, logical, ...attempts] = spans;
        expect(server?.kind).toBe(SERVER);
        if (logical === undefined) return;
        expect([logical.kind, logical.parentSpanId]).toEqual([CLIENT, server?.spanId]);
        for (const attempt of attempts) expect([attempt.kind, attempt.parentSpanId]).toEqual([CLIENT, logical.spanId]);
        const byId = new Map(spans.map((span) => [span.spanId, span]));
        for (const span of spans) {
          expect(span.end).toBeGreaterThanOrEqual(span.start);
          const parent = byId.get(span.parentSpanId ?? '');
          if (span === server || parent === undefined) continue;
          expect(span.start).toBeGreaterThanOrEqual(parent.start);
          expect(span.end).toBeLessThanOrEqual(parent.end);
        }
      }),
      RUNS,
    );
  });

  it('carry tokens and cost on one span at most, and the attempt’s number on attempts only', () => {
    fc.assert(
      fc.property(gatewayRequest, settings, (request, how) => {
        const spans = asSeen(request, how);
        const carrier = spans[request.attempts.length === 0 ? 0 : 1];
        for (const span of spans) {
          if (span === carrier) continue;
          expect(usageKeys(span)).toEqual([]);
          expect(span.attributes['aisix.cost_usd']).toBeUndefined();
        }
        const exact = (value: number | undefined) => (Number.isSafeInteger(value) ? value : undefined);
        expect(carrier?.attributes['gen_ai.usage.input_tokens']).toBe(exact(request.tokens?.input));
        expect(carrier?.attributes['gen_ai.usage.output_tokens']).toBe(exact(request.tokens?.output));
        expect(spans.map((span) => span.attributes['aisix.attempt_index'])).toEqual([
          undefined,
          ...(request.attempts.length === 0 ? [] : [undefined]),
          ...request.attempts.map((attempt) => attempt.index),
        ]);
      }),
      RUNS,
    );
  });

  it('hold only known attributes, on the spans that the table names, of the type that it says, within the limits', () => {
    fc.assert(
      fc.property(gatewayRequest, settings, (request, how) => {
        const spans = asSeen(request, how);
        spans.forEach((span, position) => {
          const places = ['every span', position === 0 ? 'server' : position === 1 ? 'logical' : 'attempt'];
          if (position === (request.attempts.length === 0 ? 0 : 1)) places.push('call');
          expect(Object.keys(span.attributes).length).toBeLessThanOrEqual(128);
          for (const [name, value] of Object.entries(span.attributes)) checkAttribute(name, value, places);
          for (const [name, value] of Object.entries(span.resource)) checkAttribute(name, value, ['resource']);
          expect(Buffer.byteLength(span.status.message ?? '')).toBeLessThanOrEqual(MAX_TEXT_BYTES);
          expect(span.name).not.toBe('');
        });
      }),
      RUNS,
    );
  });

  it('set an error only on what failed, and never `Ok`', () => {
    fc.assert(
      fc.property(gatewayRequest, (request) => {
        const [server, logical, ...attempts] = asSeen(request);
        const good = ['success', 'client_closed'];
        if (good.includes(request.outcome) || (request.status ?? 0) < 500) expect(server?.status.code).toBeUndefined();
        if (good.includes(request.outcome)) expect(logical?.status.code).toBeUndefined();
        request.attempts.forEach((attempt, position) => {
          const span = attempts[position];
          expect(span?.status.code === 2).toBe('error.type' in (span?.attributes ?? {}));
          if (good.includes(attempt.outcome)) expect(span?.status).toEqual({});
        });
      }),
      RUNS,
    );
  });

  it('keep their ids through corrections and in a trace of their own', () => {
    fc.assert(
      fc.property(gatewayRequest, fc.nat(), (request, shift) => {
        const ids = (changed: GatewayRequest, how: SpanSettings) =>
          requestSpans(changed, createSpanOptions(how)).map((span) => span.spanContext().spanId);
        const later = { ...request, revision: request.revision + 1, startTime: request.startTime + shift, status: 500 };
        expect(ids(later, {})).toEqual(ids(request, {}));
        expect(ids(request, { traceId: 'fresh' })).toEqual(ids(request, {}));
        expect(ids({ ...request, n: request.n + 1 }, {})[0]).not.toEqual(ids(request, {})[0]);
      }),
      RUNS,
    );
  });
});

function checkAttribute(name: string, value: unknown, places: readonly string[]): void {
  const entry = (ATTRIBUTE_TABLE as Readonly<Record<string, (typeof ATTRIBUTE_TABLE)[keyof typeof ATTRIBUTE_TABLE]>>)[
    name
  ];
  expect(entry, name).toBeDefined();
  expect(
    entry?.on.some((place) => places.includes(place)),
    `${name} on ${places.join()}`,
  ).toBe(true);
  const texts = Array.isArray(value) ? value : [value];
  expect(texts.length).toBeLessThanOrEqual(MAX_LIST_ITEMS);
  for (const text of texts)
    if (typeof text === 'string') expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_TEXT_BYTES);
  const type = Array.isArray(value) ? 'string[]' : typeof value;
  // A whole number of a measure is written as an integer by OpenTelemetry's serialisers.
  const expected = entry?.type === 'int' || entry?.type === 'double' ? 'number' : entry?.type;
  expect(type, name).toBe(expected);
}
