import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { type SinkRequest, startOtlpSink } from './otlpSink.ts';
import { startOtlpSinkProcess } from './otlpSinkProcess.ts';

function span(index: number): ReadableSpan {
  return {
    name: 'chat',
    kind: SpanKind.CLIENT,
    spanContext: () => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: `00f067aa0ba9${String(1000 + index)}`,
      traceFlags: TraceFlags.SAMPLED,
    }),
    startTime: [1_700_000_000, 0],
    endTime: [1_700_000_001, 0],
    duration: [1, 0],
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'gen_ai.request.model': 'm', list: ['a', 'b'], count: 7 },
    links: [],
    events: [],
    resource: resourceFromAttributes({ 'service.name': index % 2 === 0 ? 'a' : 'b' }),
    instrumentationScope: { name: 'scope' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

const spans = Array.from({ length: 37 }, (_, index) => span(index));

it.each([
  ['application/json', JsonTraceSerializer],
  ['application/x-protobuf', ProtobufTraceSerializer],
] as const)('counts the spans that OpenTelemetry writes as %s', async (contentType, serializer) => {
  const seen: SinkRequest[] = [];
  await using undo = new AsyncDisposableStack();
  const sink = undo.adopt(await startOtlpSink({ onAccepted: (request) => seen.push(request) }), (s) => s.close());
  const body = serializer.serializeRequest(spans) ?? new Uint8Array();
  const response = await fetch(`${sink.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: Buffer.from(body),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(contentType);
  expect(sink.stats()).toMatchObject({ requests: 1, accepted: 1, spans: 37, wireBytes: body.byteLength });
  expect(seen[0]).toMatchObject({ path: '/v1/traces', spans: 37 });
});

it.each([
  ['text/plain', '{}'],
  ['application/json', '{'],
  ['application/x-protobuf', '\u000a\u0005'],
])('refuses %s with %j', async (contentType, body) => {
  await using undo = new AsyncDisposableStack();
  const sink = undo.adopt(await startOtlpSink(), (s) => s.close());
  const response = await fetch(sink.url, { method: 'POST', headers: { 'content-type': contentType }, body });
  expect(response.status).toBe(400);
  expect(sink.stats()).toMatchObject({ requests: 1, accepted: 0, spans: 0 });
});

it('runs as a process of its own that is told what to answer and asked what came', async () => {
  await using undo = new AsyncDisposableStack();
  const sink = undo.adopt(await startOtlpSinkProcess({ keepSpans: true }), (s) => s.stop());
  const post = () =>
    fetch(`${sink.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []),
    });
  expect((await post()).status).toBe(200);
  await sink.answer({ kind: 'status', status: 503, retryAfter: '4' });
  const refused = await post();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '4']);
  await sink.answer({ kind: 'accept' });
  await post();
  expect(await sink.stats()).toMatchObject({ requests: 3, accepted: 2, spans: 74 });
  const kept = await sink.spans();
  expect(kept).toHaveLength(37);
  expect(kept[0]).toEqual(['0af7651916cd43dd8448eb211c80319c:00f067aa0ba91000', 2, 1]);
});
