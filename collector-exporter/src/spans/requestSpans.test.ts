import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { createSpanOptions, requestSpans, type SpanSettings } from './requestSpans.ts';
import { exampleAttempt, exampleRequest, failoverRequest, START, TRACE_ID } from './testing/exampleRequest.ts';

const build = (request: GatewayRequest, settings?: SpanSettings): ReadableSpan[] =>
  requestSpans(request, createSpanOptions(settings));
const codes = (request: GatewayRequest) => build(request).map((span) => span.status.code);
const { UNSET, ERROR } = SpanStatusCode;

describe('a failover', () => {
  const [server, logical, failed, answered] = build(failoverRequest());

  it('is a SERVER span, the call above both attempts, and the attempts', () => {
    expect(build(failoverRequest()).map(({ name, kind }) => [kind, name])).toEqual([
      [SpanKind.SERVER, 'chat smart'],
      [SpanKind.CLIENT, 'chat smart'],
      [SpanKind.CLIENT, 'chat primary'],
      [SpanKind.CLIENT, 'chat secondary'],
    ]);
    expect(logical?.parentSpanContext?.spanId).toBe(server?.spanContext().spanId);
    expect(failed?.parentSpanContext?.spanId).toBe(logical?.spanContext().spanId);
    expect(answered?.parentSpanContext?.spanId).toBe(logical?.spanContext().spanId);
  });

  it('that was made up for leaves its parents unset', () => {
    expect(codes(failoverRequest())).toEqual([UNSET, UNSET, ERROR, UNSET]);
    expect(failed?.status.message).toBe('upstream returned HTTP 502: primary down');
    expect(server?.attributes['error.type']).toBeUndefined();
    expect(logical?.attributes['error.type']).toBeUndefined();
  });

  it('says on the attempt that followed what it followed, and that it was sent again', () => {
    expect(failed?.attributes).toEqual({
      'aisix.request_id': 'req-caller-42',
      'aisix.timing': 'measured',
      'aisix.revision': 0,
      'aisix.attempt_index': 0,
      'aisix.attempt_kind': 'initial',
      'aisix.attempt_model': 'primary',
      'aisix.attempt.outcome': 'provider_error',
      'aisix.dispatched': true,
      'http.response.status_code': 502,
      'error.type': 'upstream_status',
      'aisix.error_class': 'upstream_status',
      'aisix.error_message': 'upstream returned HTTP 502: primary down',
    });
    expect(answered?.attributes).toEqual({
      'aisix.request_id': 'req-caller-42',
      'aisix.timing': 'measured',
      'aisix.revision': 0,
      'aisix.attempt_index': 1,
      'aisix.attempt_kind': 'fallback',
      'aisix.attempt_model': 'secondary',
      'aisix.attempt.outcome': 'success',
      'aisix.dispatched': true,
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'aisix.attempt.previous_error': 'upstream_status',
      'gen_ai.response.model': 'gpt-4o-mini',
      'gen_ai.response.id': 'cmpl-2',
      'gen_ai.response.finish_reasons': ['stop'],
      'aisix.attempt.input_tokens': 3,
      'aisix.attempt.output_tokens': 4,
    });
  });

  it('has its tokens on the call alone', () => {
    expect(logical?.attributes).toEqual({
      'aisix.request_id': 'req-caller-42',
      'aisix.timing': 'measured',
      'aisix.revision': 0,
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'smart',
      'gen_ai.response.model': 'gpt-4o-mini',
      'gen_ai.response.id': 'cmpl-2',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 4,
    });
    expect(server?.attributes).toMatchObject({
      'aisix.attempt_count': 2,
      'aisix.retry_count': 0,
      'aisix.fallback_count': 1,
      'aisix.served_model': 'secondary',
      'gen_ai.request.model': 'smart',
    });
  });

  it('has true times: the call from the first attempt to the last', () => {
    expect([server?.startTime, server?.endTime]).toEqual([
      [1_795_415_437, 123_250_000],
      [1_795_415_438, 123_250_000],
    ]);
    expect([logical?.startTime, logical?.endTime]).toEqual([
      [1_795_415_437, 223_250_000],
      [1_795_415_438, 23_250_000],
    ]);
    expect(answered?.duration).toEqual([0, 400_000_000]);
  });
});

describe('status', () => {
  const ended = (status: number, outcome: GatewayRequest['outcome'], attempt: Partial<Attempt> = {}) =>
    exampleRequest({ status, outcome, attempts: [exampleAttempt({ status, outcome, ...attempt })] });

  it.each<[string, GatewayRequest, SpanStatusCode[]]>([
    ['success', exampleRequest(), [UNSET, UNSET, UNSET]],
    ['a provider that fails with 502', ended(502, 'provider_error'), [ERROR, ERROR, ERROR]],
    ['a provider that answers 429: no error of the server', ended(429, 'provider_error'), [UNSET, ERROR, ERROR]],
    ['a provider that refuses the gateway’s key', ended(401, 'provider_auth'), [UNSET, ERROR, ERROR]],
    ['a caller that left', ended(499, 'client_closed'), [UNSET, UNSET, UNSET]],
    [
      'a caller that left after a failed attempt',
      {
        ...ended(499, 'client_closed'),
        attempts: [
          exampleAttempt({ status: 504, outcome: 'provider_timeout' }),
          exampleAttempt({ index: 1, kind: 'retry', status: 499, outcome: 'client_closed' }),
        ],
      },
      [UNSET, UNSET, ERROR, UNSET],
    ],
    ['a refusal before any attempt', exampleRequest({ status: 404, outcome: 'not_found', attempts: [] }), [UNSET]],
    [
      'routing that found no target',
      exampleRequest({ status: 503, outcome: 'routing_exhausted', attempts: [] }),
      [ERROR],
    ],
    ['an answer that a guardrail stopped in the stream', ended(200, 'guardrail_blocked'), [UNSET, ERROR, ERROR]],
    ['an end that nobody told', ended(200, 'unknown'), [UNSET, UNSET, UNSET]],
  ])('%s', (_, request, expected) => {
    expect(codes(request)).toEqual(expected);
  });

  it.each<[string, Partial<GatewayRequest>, string | undefined]>([
    ['the class, where there is one', { status: 504, outcome: 'provider_timeout', errorClass: 'timeout' }, 'timeout'],
    [
      'the class also where the status stays unset',
      { status: 429, outcome: 'rate_limited', errorClass: 'rate_limit_exceeded' },
      'rate_limit_exceeded',
    ],
    ['else the status', { status: 422, outcome: 'guardrail_blocked' }, '422'],
    ['else the outcome', { status: 200, outcome: 'guardrail_blocked' }, 'guardrail_blocked'],
    ['nothing for a caller that left', { status: 499, outcome: 'client_closed' }, undefined],
    ['nothing for a success', {}, undefined],
  ])('error.type of the SERVER span is %s', (_, fields, expected) => {
    expect(build(exampleRequest({ attempts: [], ...fields }))[0]?.attributes['error.type']).toBe(expected);
  });

  it('the message is on errors only', () => {
    const request = exampleRequest({ status: 404, outcome: 'not_found', errorMessage: 'no such model', attempts: [] });
    expect(build(request)[0]?.status).toEqual({ code: UNSET });
    const failed = build({ ...request, status: 500, outcome: 'gateway_config' });
    expect(failed[0]?.status).toEqual({ code: ERROR, message: 'no such model' });
  });
});

describe('attempts', () => {
  it('of an ensemble are calls of their own: none is a resend, their tokens add up on the call', () => {
    const panel = (index: number) =>
      exampleAttempt({ index, kind: 'panel', model: `member-${index}`, tokens: { input: 10, output: 5 } });
    const judge = exampleAttempt({
      index: 2,
      kind: 'judge',
      model: 'judge',
      responseId: 'judged',
      tokens: { input: 30, output: 7 },
    });
    const request = exampleRequest({ tokens: { input: 50, output: 17 }, attempts: [panel(0), panel(1), judge] });
    const [, logical, ...attempts] = build(request);
    expect(attempts.map((span) => span.attributes['http.request.resend_count'])).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(attempts.map((span) => span.attributes['aisix.attempt.input_tokens'])).toEqual([10, 10, 30]);
    expect(logical?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 50, 'gen_ai.response.id': 'judged' });
  });

  it('count resends from 1 by their index, also while an earlier attempt is not known', () => {
    const retry = exampleAttempt({ index: 2, kind: 'retry' });
    const known = build(
      exampleRequest({ attempts: [exampleAttempt(), exampleAttempt({ index: 1, kind: 'retry' }), retry] }),
    );
    expect(known.slice(2).map((span) => span.attributes['http.request.resend_count'])).toEqual([undefined, 1, 2]);
    const late = build(exampleRequest({ attempts: [exampleAttempt(), retry] }));
    expect(late.at(-1)?.attributes['http.request.resend_count']).toBe(2);
  });

  it('that never left the gateway say so', () => {
    const attempts = [
      exampleAttempt({ status: 429, outcome: 'rate_limited', errorClass: 'rate_limit_exceeded', dispatched: false }),
    ];
    expect(build(exampleRequest({ attempts }))[2]?.attributes['aisix.dispatched']).toBe(false);
  });
});

describe('the call', () => {
  it('is on the SERVER span where nothing was tried: a cache hit', () => {
    const spans = build(
      exampleRequest({
        attempts: [],
        tokens: { input: 12, output: 3 },
        costUsd: 0.0125,
        cache: { status: 'hit', layer: 'semantic', similarity: 0.93, savedInputTokens: 12, savedOutputTokens: 3 },
      }),
    );
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).toMatchObject({
      'aisix.attempt_count': 0,
      'aisix.cache.status': 'hit',
      'aisix.cache.layer': 'semantic',
      'aisix.cache.similarity': 0.93,
      'aisix.cache.saved_input_tokens': 12,
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 3,
      'aisix.cost_usd': 0.0125,
    });
  });

  it('has every token count by its current name', () => {
    const tokens = { input: 100, output: 50, cacheRead: 60, cacheWrite: 20, reasoning: 30 };
    expect(build(exampleRequest({ tokens }))[1]?.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.cache_read.input_tokens': 60,
      'gen_ai.usage.cache_write.input_tokens': 20,
      'gen_ai.usage.reasoning.output_tokens': 30,
    });
  });

  it('waits for its first chunk in seconds from its own start, failed attempts included', () => {
    const request = failoverRequest({ stream: true, ttftMs: 150 });
    const [first, second] = request.attempts as [Attempt, Attempt];
    const [server, logical, , answered] = build({ ...request, attempts: [first, { ...second, ttftMs: 150 }] });
    expect(answered?.attributes).toMatchObject({
      'gen_ai.response.time_to_first_chunk': 0.15,
      'aisix.upstream_ttft_ms': 150,
    });
    expect(logical?.attributes).toMatchObject({
      'gen_ai.response.time_to_first_chunk': 0.55,
      'gen_ai.request.stream': true,
    });
    expect(server?.attributes).not.toHaveProperty('gen_ai.request.stream');
  });

  it('says nothing of a provider that nobody named, and the convention’s word of one that was', () => {
    expect(build(exampleRequest())[1]?.attributes).not.toHaveProperty('gen_ai.provider.name');
    const spans = build(exampleRequest({ attempts: [exampleAttempt({ provider: 'Mistral' })] }));
    expect(spans.slice(1).map((span) => span.attributes['gen_ai.provider.name'])).toEqual(['mistral_ai', 'mistral_ai']);
  });

  it('writes gen_ai.system only when asked', () => {
    const request = exampleRequest({ attempts: [exampleAttempt({ provider: 'openai' })] });
    expect(build(request).some((span) => 'gen_ai.system' in span.attributes)).toBe(false);
    const legacy = build(request, { legacyGenAi: true });
    expect(legacy.map((span) => span.attributes['gen_ai.system'])).toEqual(['openai', 'openai', 'openai']);
    const unknown = build(exampleRequest({ attempts: [] }), { legacyGenAi: true });
    expect(unknown[0]?.attributes['gen_ai.system']).toBe('aisix');
  });
});

describe('the SERVER span', () => {
  it('says who asked and what guardrails did', () => {
    const [server] = build(
      exampleRequest({
        dataPlane: 'dp-1',
        apiKeyId: 'key-1',
        authType: 'anonymous',
        downstreamLatencyMs: 990,
        client: { address: '203.0.113.7', userAgent: 'openai-python/1.99', identity: 'someone' },
        jwt: { subject: 'sub', provider: 'idp', claimMapping: 'mapping' },
        guardrail: {
          blocked: false,
          bypassedReason: 'lakera_timeout',
          applied: [{ kind: 'keyword', hook: 'input' }],
          hits: [
            { name: 'no-hello', hook: 'input', action: 'would_block', mode: 'monitor' },
            { name: 'pii', hook: 'output', action: 'masked', mode: 'enforced' },
          ],
          redactedEntities: { PHONE: 2, EMAIL: 1 },
        },
      }),
    );
    expect(server?.attributes).toMatchObject({
      'aisix.environment.id': 'env-1',
      'aisix.data_plane.id': 'dp-1',
      'aisix.api_key_id': 'key-1',
      'aisix.auth_type': 'anonymous',
      'aisix.downstream_latency_ms': 990,
      'client.address': '203.0.113.7',
      'user_agent.original': 'openai-python/1.99',
      'aisix.client_identity': 'someone',
      'aisix.jwt_subject': 'sub',
      'aisix.jwt_provider': 'idp',
      'aisix.jwt_claim_mapping': 'mapping',
      'aisix.guardrail.blocked': false,
      'aisix.guardrail.bypassed_reason': 'lakera_timeout',
      'aisix.guardrail.applied': ['keyword/input'],
      'aisix.guardrail.names': ['no-hello', 'pii'],
      'aisix.guardrail.hooks': ['input', 'output'],
      'aisix.guardrail.actions': ['would_block', 'masked'],
      'aisix.guardrail.modes': ['monitor', 'enforced'],
      'aisix.guardrail.redacted_entities': ['EMAIL=1', 'PHONE=2'],
    });
  });

  it('never exports what this version does not know', () => {
    const text = JSON.stringify(build(exampleRequest({ extra: { future_field: 'unheard-of' } })));
    expect(text).not.toContain('unheard-of');
  });
});

describe('origin', () => {
  const parent = { spanId: '00f067aa0ba902b7', traceState: 'vendor=x, other=y' };

  it('is the caller’s span with its trace state, on every span of the tree', () => {
    const spans = build(exampleRequest({ parent }));
    expect(spans[0]?.parentSpanContext).toMatchObject({ traceId: TRACE_ID, spanId: parent.spanId, isRemote: true });
    expect(spans.map((span) => span.spanContext().traceState?.serialize())).toEqual(Array(3).fill('vendor=x,other=y'));
    expect(spans.every((span) => span.spanContext().traceId === TRACE_ID && span.links.length === 0)).toBe(true);
  });

  it('is nothing where the caller’s ids are not valid', () => {
    expect(build(exampleRequest({ parent: { spanId: '0'.repeat(16) } }))[0]?.parentSpanContext).toBeUndefined();
    const [server] = build(exampleRequest({ parent, traceId: 'nonsense' }));
    expect(server?.parentSpanContext).toBeUndefined();
    expect(server?.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(server?.attributes['aisix.gateway_trace_id']).toBe('nonsense');
  });

  it('is linked from a trace of its own', () => {
    const [server, logical] = build(exampleRequest({ parent }), { traceId: 'fresh' });
    expect(server?.spanContext().traceId).not.toBe(TRACE_ID);
    expect(server?.parentSpanContext).toBeUndefined();
    expect(server?.spanContext().traceState).toBeUndefined();
    expect(server?.attributes['aisix.gateway_trace_id']).toBe(TRACE_ID);
    expect(server?.links).toMatchObject([
      { context: { traceId: TRACE_ID, spanId: parent.spanId }, attributes: { 'aisix.link.target': 'caller' } },
    ]);
    expect(logical?.links).toEqual([]);
  });

  it('is linked by the id of the other tree’s SERVER span where the caller’s is not known', () => {
    const [inherited] = build(exampleRequest());
    const [server] = build(exampleRequest(), { traceId: 'fresh' });
    expect(server?.links).toMatchObject([
      {
        context: { traceId: TRACE_ID, spanId: inherited?.spanContext().spanId },
        attributes: { 'aisix.link.target': 'gateway_trace' },
      },
    ]);
    expect(build(exampleRequest({ traceId: 'nonsense' }), { traceId: 'fresh' })[0]?.links).toEqual([]);
  });
});

describe('a correction', () => {
  it('is the whole tree again under the same ids, with its revision on every span', () => {
    const before = build(
      exampleRequest({ status: 502, outcome: 'provider_error', attempts: failoverRequest().attempts.slice(0, 1) }),
    );
    const after = build(failoverRequest({ revision: 1, startTime: START - 5 }));
    const ids = (spans: readonly ReadableSpan[]) => spans.map((span) => span.spanContext().spanId);
    expect(ids(after).slice(0, 3)).toEqual(ids(before));
    expect(after.map((span) => span.attributes['aisix.revision'])).toEqual([1, 1, 1, 1]);
  });
});
