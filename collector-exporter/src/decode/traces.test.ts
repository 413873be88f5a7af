import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import protobuf from 'protobufjs/light.js';
import { describe, expect, it } from 'vitest';
import { MAX_SPANS } from './limits.ts';
import { OTLP } from './otlpMessages.ts';
import { DECODE_METRICS } from './tally.ts';
import { createCounter } from './testing/counter.ts';
import { protobufOf } from './testing/protobufOf.ts';
import type { RecordedTraces } from './testing/recordings.ts';
import { decodeTraces, GATEWAY_SCOPE } from './traces.ts';
import { decodeTracesProtobuf } from './tracesProtobuf.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

type Attributes = Record<string, Record<string, unknown>>;

const ATTRIBUTES: Attributes = { 'aisix.request_id': { stringValue: 'req-1' } };

function spanOf(changes: Record<string, unknown> = {}, attributes: Attributes = ATTRIBUTES) {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'chat.completions',
    kind: 2,
    startTimeUnixNano: '1795415470380121416',
    endTimeUnixNano: '1795415470533120853',
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
    ...changes,
  };
}

function requestOf(spans: readonly unknown[], scope = GATEWAY_SCOPE) {
  return { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: { name: scope }, spans }] }] };
}

function decode(request: unknown) {
  const counter = createCounter();
  return { counter, ...decodeTraces(request, { input: 'otlp', recorder: counter, now: NOW }) };
}

const SMALLEST = {
  feed: 'span',
  requestId: 'req-1',
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  role: 'server',
  startTime: 1_795_415_470_380.121,
  endTime: 1_795_415_470_533.121,
};

describe('spans of the gateway', () => {
  it('takes times to a quarter of a microsecond', () => {
    const { reports } = decode(requestOf([spanOf()]));
    expect(reports).toEqual([{ ...SMALLEST, startTime: expect.any(Number), endTime: expect.any(Number) }]);
    expect(reports[0]?.startTime).toBeCloseTo(1_795_415_470_380.121, 3);
    expect(reports[0]?.endTime).toBeCloseTo(1_795_415_470_533.121, 3);
  });

  it('takes every attribute of the gateway', () => {
    const attributes: Attributes = {
      'gen_ai.system': { stringValue: 'aisix' },
      'gen_ai.operation.name': { stringValue: 'chat' },
      'aisix.exporter_name': { stringValue: 'otlp' },
      'aisix.request_id': { stringValue: 'req-1' },
      'http.response.status_code': { intValue: '502' },
      'gen_ai.request.model': { stringValue: 'smart' },
      'gen_ai.provider.name': { stringValue: 'openai' },
      'gen_ai.response.model': { stringValue: 'gpt-4o-2024-08-06' },
      'gen_ai.response.id': { stringValue: 'chatcmpl-1' },
      'gen_ai.response.finish_reasons': { arrayValue: { values: [{ stringValue: 'stop' }] } },
      'gen_ai.usage.input_tokens': { intValue: 25 },
      'gen_ai.usage.output_tokens': { intValue: '7' },
      'aisix.api_key_id': { stringValue: 'k-1' },
      'aisix.model_id': { stringValue: 'm-1' },
      'aisix.audio.duration_seconds': { doubleValue: 1.5 },
      'aisix.upstream_ttft_ms': { intValue: '9' },
      'aisix.downstream_latency_ms': { intValue: '822' },
      'aisix.attempt_index': { intValue: '0' },
      'aisix.attempt_kind': { stringValue: 'initial' },
      'aisix.attempt_model': { stringValue: 'primary' },
      'aisix.error_class': { stringValue: 'upstream_status' },
      'aisix.error_message': { stringValue: 'key sk-good-A refused' },
      'aisix.client_source_ip': { stringValue: '203.0.113.7' },
      'aisix.client_user_agent': { stringValue: 'openai-python/1.99' },
      'aisix.client_identity': { stringValue: 'me' },
      'aisix.jwt_subject': { stringValue: 'sub' },
      'aisix.jwt_provider': { stringValue: 'idp' },
      'aisix.jwt_claim_mapping': { stringValue: 'map' },
      'gen_ai.agent.name': { stringValue: 'agent' },
      'gen_ai.conversation.id': { stringValue: 'c-1' },
      'aisix.a2a.method': { stringValue: 'message/send' },
      'aisix.a2a.operation': { stringValue: 'send' },
      'aisix.a2a.protocol_version': { stringValue: '0.3' },
      'aisix.a2a.task_id': { stringValue: 't-1' },
      'aisix.a2a.task_state': { stringValue: 'completed' },
      'aisix.a2a.stream_event_count': { intValue: '14' },
      'gen_ai.tool.name': { stringValue: 'tool' },
      'aisix.mcp.server_name': { stringValue: 'srv' },
      'aisix.passthrough.route_name': { stringValue: 'route' },
      'gen_ai.prompt': { stringValue: 'tell me' },
      'gen_ai.completion': { stringValue: 'no' },
      'gen_ai.input.messages': { stringValue: '[]' },
      'something.new': { stringValue: 'x' },
    };
    const changes = { kind: 3, parentSpanId: 'A5A5A5A5A5A5A5A5', flags: 769, traceState: 'vendor=x', events: [{}] };
    const { reports, counter } = decode(requestOf([spanOf(changes, attributes)]));
    expect(reports).toEqual([
      {
        ...SMALLEST,
        startTime: expect.any(Number),
        endTime: expect.any(Number),
        role: 'client',
        parentSpanId: 'a5a5a5a5a5a5a5a5',
        parentIsRemote: true,
        traceState: 'vendor=x',
        attemptIndex: 0,
        attemptKind: 'initial',
        attemptModel: 'primary',
        operation: 'chat',
        statusCode: 502,
        requestedModel: 'smart',
        provider: 'openai',
        providerModelVersion: 'gpt-4o-2024-08-06',
        providerRequestId: 'chatcmpl-1',
        finishReason: 'stop',
        promptTokens: 25,
        completionTokens: 7,
        apiKeyId: 'k-1',
        modelId: 'm-1',
        audioDurationSeconds: 1.5,
        upstreamTtftMs: 9,
        downstreamLatencyMs: 822,
        errorClass: 'upstream_status',
        errorMessage: 'key [redacted:api_key] refused',
        clientAddress: '203.0.113.7',
        clientUserAgent: 'openai-python/1.99',
        clientIdentity: 'me',
        jwtSubject: 'sub',
        jwtProvider: 'idp',
        jwtClaimMapping: 'map',
        a2aAgent: 'agent',
        a2aContextId: 'c-1',
        a2aMethod: 'message/send',
        a2aOperation: 'send',
        a2aProtocolVersion: '0.3',
        a2aTaskId: 't-1',
        a2aTaskState: 'completed',
        a2aStreamEventCount: 14,
        mcpTool: 'tool',
        mcpServer: 'srv',
        passthroughRoute: 'route',
      },
    ]);
    expect(counter.sum(DECODE_METRICS.contentDropped)).toBe(4);
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field: 'unknown_attribute' })).toBe(1);
  });

  it('believes the exact operation of later gateways, in any order', () => {
    const later = { 'aisix.operation': { stringValue: 'embeddings' } };
    const genAi = { 'gen_ai.operation.name': { stringValue: 'chat' } };
    for (const attributes of [
      { ...ATTRIBUTES, ...later, ...genAi },
      { ...ATTRIBUTES, ...genAi, ...later },
    ]) {
      expect(decode(requestOf([spanOf({}, attributes)])).reports[0]?.operation).toBe('embeddings');
    }
  });

  it.each([
    [769, true],
    [257, undefined],
    [513, undefined],
    ['769', undefined],
    [undefined, undefined],
  ])('believes flags %j about the parent: remote %j', (flags, remote) => {
    const [report] = decode(requestOf([spanOf({ parentSpanId: 'a5a5a5a5a5a5a5a5', flags })])).reports;
    expect(report?.parentSpanId).toBe('a5a5a5a5a5a5a5a5');
    expect(report?.parentIsRemote).toBe(remote);
  });

  it.each([
    ['not_an_object', null],
    ['invalid_trace_id', spanOf({ traceId: '0'.repeat(32) })],
    ['invalid_trace_id', spanOf({ traceId: undefined })],
    ['invalid_span_id', spanOf({ spanId: 'xyz' })],
    ['invalid_span_id', spanOf({ spanId: '0'.repeat(16) })],
    ['unsupported_span_kind', spanOf({ kind: 1 })],
    ['unsupported_span_kind', spanOf({ kind: 'SPAN_KIND_SERVER' })],
    ['invalid_span_time', spanOf({ startTimeUnixNano: 'soon' })],
    ['invalid_span_time', spanOf({ endTimeUnixNano: undefined })],
    ['invalid_span_time', spanOf({ endTimeUnixNano: '1795415470380111415' })],
    ['invalid_span_time', spanOf({ endTimeUnixNano: -1 })],
    ['time_out_of_range', spanOf({ startTimeUnixNano: '0' })],
    ['time_out_of_range', spanOf({ endTimeUnixNano: '18446744073709551615' })],
    ['invalid_request_id', spanOf({}, {})],
    ['invalid_request_id', spanOf({}, { 'aisix.request_id': { stringValue: 'a\nb' } })],
    ['invalid_request_id', spanOf({}, { 'aisix.request_id': { intValue: '5' } })],
    ['invalid_request_id', spanOf({ attributes: 'none' })],
    ['invalid_attempt_index', spanOf({}, { ...ATTRIBUTES, 'aisix.attempt_index': { intValue: '-1' } })],
    ['invalid_attempt_index', spanOf({}, { ...ATTRIBUTES, 'aisix.attempt_index': { stringValue: '0' } })],
  ])('refuses %s and keeps the neighbours', (code, span) => {
    const { reports, refused, rejectedSpans, counter } = decode(requestOf([spanOf(), span, spanOf()]));
    expect(reports).toHaveLength(2);
    expect(rejectedSpans).toBe(1);
    expect(refused).toEqual([{ index: 1, code, message: expect.stringMatching(/expected/) }]);
    expect(counter.sum(DECODE_METRICS.reportRefused, { input: 'otlp', code })).toBe(1);
  });

  it('refuses other scopes by name and count, and never quotes what could break a line', () => {
    const request = {
      resourceSpans: [
        requestOf([spanOf(), spanOf()], 'another\n"scope"').resourceSpans[0],
        requestOf([spanOf()]).resourceSpans[0],
        { scopeSpans: [{ spans: [spanOf()] }, { scope: { name: 'empty' }, spans: [] }, null] },
        null,
      ],
    };
    const { reports, refused, rejectedSpans, counter } = decode(request);
    expect(reports).toHaveLength(1);
    expect(rejectedSpans).toBe(3);
    expect(refused).toEqual([
      {
        index: 0,
        code: 'foreign_scope',
        message: expect.stringContaining('scope "another??scope?": only spans of aisix-obs'),
      },
      { index: 3, code: 'foreign_scope', message: expect.stringContaining('scope ""') },
    ]);
    expect(refused[0]?.message).toMatch(/; 2 refused$/);
    expect(counter.sum(DECODE_METRICS.reportRefused, { code: 'foreign_scope' })).toBe(3);
  });

  it('drops single wrong values and unreadable attributes', () => {
    const attributes = [
      ...spanOf().attributes,
      null,
      { key: 5 },
      { key: 'http.response.status_code', value: { intValue: '700' } },
      { key: 'aisix.error_class', value: { kvlistValue: {} } },
      { key: 'gen_ai.usage.input_tokens', value: null },
      { key: 'gen_ai.response.finish_reasons', value: { arrayValue: { values: [{ arrayValue: { values: [] } }] } } },
      ...Array.from({ length: 300 }, () => ({ key: 'x', value: {} })),
    ];
    const { reports, counter } = decode(
      requestOf([spanOf({ attributes, parentSpanId: 'zz', traceState: 'x'.repeat(600) })]),
    );
    expect(reports).toEqual([{ ...SMALLEST, startTime: expect.any(Number), endTime: expect.any(Number) }]);
    for (const field of ['http.response.status_code', 'aisix.error_class', 'parentSpanId', 'traceState']) {
      expect(counter.sum(DECODE_METRICS.fieldDropped, { field }), field).toBe(1);
    }
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field: 'attribute' })).toBe(2 + (attributes.length - 256));
  });

  it('names what is no request, and takes an empty one', () => {
    for (const request of [null, [], 'text', { resourceSpans: {} }]) {
      expect(decode(request).unreadable?.code).toBe('not_a_batch');
    }
    for (const request of [{}, { resourceSpans: [] }, { resourceSpans: [{}] }]) {
      const { reports, rejectedSpans, unreadable } = decode(request);
      expect({ reports, rejectedSpans, unreadable }).toEqual({ reports: [], rejectedSpans: 0, unreadable: undefined });
    }
  });

  it('looks at no more than 100,000 spans', () => {
    const { refused, rejectedSpans } = decode(requestOf(Array.from({ length: MAX_SPANS + 3 }, () => null)));
    expect(rejectedSpans).toBe(MAX_SPANS + 3);
    expect(refused[0]?.code).toBe('not_an_object');
    const { counter } = decode(requestOf(Array.from({ length: MAX_SPANS + 3 }, () => null)));
    expect(counter.sum(DECODE_METRICS.reportRefused, { code: 'too_many_spans' })).toBe(3);
  });
});

describe('the protobuf form', () => {
  const ctx = { input: 'otlp', recorder: createCounter(), now: NOW } as const;

  it('reads what OpenTelemetry itself writes', () => {
    const bytes = ProtobufTraceSerializer.serializeRequest([readableSpan()]);
    expect(decodeTracesProtobuf(bytes ?? new Uint8Array(), ctx)).toEqual({
      refused: [],
      rejectedSpans: 0,
      reports: [
        {
          feed: 'span',
          requestId: 'req-1',
          traceId: TRACE_ID,
          spanId: SPAN_ID,
          parentSpanId: 'b7b7b7b7b7b7b7b7',
          parentIsRemote: true,
          role: 'client',
          startTime: 1_795_415_470_380.5,
          endTime: 1_795_415_470_533.25,
          attemptIndex: 0,
          promptTokens: 3,
          audioDurationSeconds: 1.5,
          finishReason: 'stop',
        },
      ],
    });
  });

  it('refuses a broken span alone, and broken framing as a whole', () => {
    const good = OTLP.span.encode(OTLP.span.fromObject(bytesOf(spanOf()))).finish();
    const scope = OTLP.scope.encode({ name: GATEWAY_SCOPE }).finish();
    const scoped = protobuf.Writer.create()
      .uint32(10)
      .bytes(scope)
      .uint32(18)
      .bytes(good)
      .uint32(18)
      .bytes(Buffer.from([0x0a, 99]))
      .uint32(18)
      .bytes(good)
      .finish();
    const resource = protobuf.Writer.create().uint32(18).bytes(scoped).finish();
    const request = protobuf.Writer.create().uint32(10).bytes(resource).finish();
    const { reports, refused, rejectedSpans } = decodeTracesProtobuf(request, ctx);
    expect(reports).toHaveLength(2);
    expect(rejectedSpans).toBe(1);
    expect(refused).toEqual([{ index: 1, code: 'invalid_protobuf', message: expect.any(String) }]);

    const cut = decodeTracesProtobuf(request.subarray(0, request.length - 3), ctx);
    expect(cut.unreadable?.code).toBe('invalid_protobuf');
    expect(cut.reports).toEqual([]);
    expect(decodeTracesProtobuf(Buffer.from('{"resourceSpans":[]}'), ctx).unreadable?.code).toBe('invalid_protobuf');
    expect(decodeTracesProtobuf(new Uint8Array(), ctx)).toEqual({ reports: [], refused: [], rejectedSpans: 0 });
  });

  it('finds the scope also behind its spans, and refuses another one', () => {
    const span = OTLP.span.encode(OTLP.span.fromObject(bytesOf(spanOf()))).finish();
    const late = (name: string) => {
      const scope = OTLP.scope.encode({ name }).finish();
      const scoped = protobuf.Writer.create().uint32(18).bytes(span).uint32(10).bytes(scope).finish();
      const resource = protobuf.Writer.create().uint32(18).bytes(scoped).finish();
      return protobuf.Writer.create().uint32(10).bytes(resource).finish();
    };
    expect(decodeTracesProtobuf(late(GATEWAY_SCOPE), ctx).reports).toHaveLength(1);
    expect(decodeTracesProtobuf(late('other'), ctx)).toMatchObject({ reports: [], rejectedSpans: 1 });
  });

  it('is not led into depth by nested values', () => {
    let value = Buffer.from([0x0a, 1, 0x78]);
    for (let depth = 0; depth < 3000; depth += 1) {
      const list = protobuf.Writer.create().uint32(10).bytes(value).finish();
      value = Buffer.from(protobuf.Writer.create().uint32(42).bytes(list).finish());
    }
    const attribute = protobuf.Writer.create().uint32(10).string('aisix.error_class').uint32(18).bytes(value).finish();
    const plain = OTLP.span.encode(OTLP.span.fromObject(bytesOf(spanOf()))).finish();
    const span = Buffer.concat([plain, protobuf.Writer.create().uint32(74).bytes(attribute).finish()]);
    const scope = OTLP.scope.encode({ name: GATEWAY_SCOPE }).finish();
    const scoped = protobuf.Writer.create().uint32(10).bytes(scope).uint32(18).bytes(span).finish();
    const resource = protobuf.Writer.create().uint32(18).bytes(scoped).finish();
    const request = protobuf.Writer.create().uint32(10).bytes(resource).finish();
    expect(decodeTracesProtobuf(request, ctx).reports).toHaveLength(1);
  });

  it('gives the same as JSON for what is refused', () => {
    const request = requestOf([spanOf(), spanOf({ kind: 1 }), spanOf({}, {})]);
    const { counter: _, ...json } = decode(request);
    expect(decodeTracesProtobuf(protobufOf(request as unknown as RecordedTraces), ctx)).toEqual(json);
  });
});

function bytesOf(span: ReturnType<typeof spanOf>): Record<string, unknown> {
  return { ...span, traceId: Buffer.from(TRACE_ID, 'hex'), spanId: Buffer.from(SPAN_ID, 'hex') };
}

/** A span as OpenTelemetry holds it. */
function readableSpan(): ReadableSpan {
  const span: ReadableSpan = {
    name: 'chat smart',
    kind: 2,
    spanContext: () => ({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 }),
    parentSpanContext: { traceId: TRACE_ID, spanId: 'b7b7b7b7b7b7b7b7', traceFlags: 1, isRemote: true },
    startTime: [1_795_415_470, 380_500_000],
    endTime: [1_795_415_470, 533_250_000],
    status: { code: 0 },
    attributes: {
      'aisix.request_id': 'req-1',
      'aisix.attempt_index': 0,
      'gen_ai.usage.input_tokens': 3,
      'aisix.audio.duration_seconds': 1.5,
      'gen_ai.response.finish_reasons': ['stop'],
    },
    links: [],
    events: [],
    duration: [0, 152_750_000],
    ended: true,
    resource: resourceFromAttributes({ 'service.name': 'aisix-dp' }),
    instrumentationScope: { name: GATEWAY_SCOPE },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
  return span;
}
