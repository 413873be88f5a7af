import { describe, expect, it } from 'vitest';
import { MAX_EXTRA_BYTES, MAX_REFUSALS_LISTED, MAX_REFUSED_RECORDS } from './limits.ts';
import { REFUSAL_CODES } from './refusals.ts';
import type { RefusedRecord } from './refused.ts';
import { DECODE_METRICS } from './tally.ts';
import { createCounter } from './testing/counter.ts';
import { decodeUsageEvents } from './usageEvents.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

/** The smallest event that a gateway writes. */
const EVENT = {
  request_id: 'req-caller-42',
  occurred_at: '2026-11-23T11:59:58Z',
  model_id: '',
  api_key_id: '',
  prompt_tokens: 0,
  completion_tokens: 0,
  upstream_latency_ms: 0,
  status_code: 200,
  cost_usd: 0,
  guardrail_blocked: false,
  attempt_index: 0,
};

const SMALLEST = {
  feed: 'usage',
  requestId: 'req-caller-42',
  occurredAt: Date.parse('2026-11-23T11:59:58Z'),
  attemptIndex: 0,
  statusCode: 200,
  upstreamLatencyMs: 0,
};

function decode(events: readonly unknown[], keepRefused?: (record: RefusedRecord) => void) {
  const counter = createCounter();
  const ctx = { input: 'telemetry', recorder: counter, now: NOW, ...(keepRefused ? { keepRefused } : {}) } as const;
  return { counter, ...decodeUsageEvents(events, ctx) };
}

describe('usage events', () => {
  it('leaves out what the gateway writes for "not measured"', () => {
    expect(decode([EVENT]).reports).toEqual([SMALLEST]);
  });

  it('takes all fields of the gateway into the words of the project', () => {
    const [report] = decode([FULL]).reports;
    expect(report).toEqual(FULL_REPORT);
  });

  it.each([
    ['not_an_object', null],
    ['not_an_object', 'text'],
    ['not_an_object', [EVENT]],
    ['unsupported_schema_version', { ...EVENT, schema_version: '2.0' }],
    ['unsupported_schema_version', { ...EVENT, schema_version: 11 }],
    ['unsupported_schema_version', { ...EVENT, schema_version: '10.0' }],
    ['invalid_request_id', { ...EVENT, request_id: undefined }],
    ['invalid_request_id', { ...EVENT, request_id: '' }],
    ['invalid_request_id', { ...EVENT, request_id: 7 }],
    ['invalid_request_id', { ...EVENT, request_id: 'a b' }],
    ['invalid_request_id', { ...EVENT, request_id: 'line\nbreak' }],
    ['invalid_request_id', { ...EVENT, request_id: 'é' }],
    ['invalid_request_id', { ...EVENT, request_id: 'x'.repeat(257) }],
    ['invalid_occurred_at', { ...EVENT, occurred_at: undefined }],
    ['invalid_occurred_at', { ...EVENT, occurred_at: 1_795_415_470 }],
    ['invalid_occurred_at', { ...EVENT, occurred_at: '2026-11-23' }],
    ['invalid_occurred_at', { ...EVENT, occurred_at: '2026-02-30T00:00:00Z' }],
    ['invalid_occurred_at', { ...EVENT, occurred_at: '2026-11-23T25:00:00Z' }],
    ['time_out_of_range', { ...EVENT, occurred_at: '1970-01-01T00:00:00Z' }],
    ['time_out_of_range', { ...EVENT, occurred_at: '3000-01-01T00:00:00Z' }],
    ['time_out_of_range', { ...EVENT, occurred_at: '2026-11-24T12:00:01Z' }],
    ['invalid_attempt_index', { ...EVENT, attempt_index: undefined }],
    ['invalid_attempt_index', { ...EVENT, attempt_index: -1 }],
    ['invalid_attempt_index', { ...EVENT, attempt_index: 1.5 }],
    ['invalid_attempt_index', { ...EVENT, attempt_index: 1000 }],
    ['invalid_attempt_index', { ...EVENT, attempt_index: Number.NaN }],
    ['invalid_status_code', { ...EVENT, status_code: 99 }],
    ['invalid_status_code', { ...EVENT, status_code: 600 }],
    ['invalid_status_code', { ...EVENT, status_code: '200' }],
    ['invalid_status_code', { ...EVENT, status_code: 1e308 }],
    ['invalid_trace_id', { ...EVENT, trace_id: '0'.repeat(32) }],
    ['invalid_trace_id', { ...EVENT, trace_id: '4BF92F3577B34DA6A3CE929D0E0E4736' }],
    ['invalid_trace_id', { ...EVENT, trace_id: 'abc' }],
    ['invalid_trace_id', { ...EVENT, trace_id: 5 }],
  ])('refuses %s and keeps the neighbours', (code, event) => {
    const { reports, refused, refusedCount, counter } = decode([EVENT, event, EVENT]);
    expect(reports).toEqual([SMALLEST, SMALLEST]);
    expect(refusedCount).toBe(1);
    expect(refused).toEqual([{ index: 1, code, message: expect.stringMatching(/expected/) }]);
    expect(REFUSAL_CODES).toHaveProperty(code);
    expect(counter.sum(DECODE_METRICS.reportRefused, { code, input: 'telemetry' })).toBe(1);
  });

  it.each([
    ['prompt_tokens', -1],
    ['prompt_tokens', 2 ** 32],
    ['prompt_tokens', Number.POSITIVE_INFINITY],
    ['prompt_tokens', '7'],
    ['upstream_latency_ms', 12.5],
    ['upstream_latency_ms', null],
    ['cost_usd', -0.5],
    ['cost_usd', Number.NaN],
    ['cost_usd', 1e300],
    ['cache_similarity', 1.01],
    ['usage_estimated', 'true'],
    ['guardrail_blocked', 1],
    ['attempt_kind', 'hedge'],
    ['attempt_kind', 3],
    ['model_id', 'two words'],
    ['model_id', 'm'.repeat(257)],
    ['api_key_id', ['a']],
    ['requested_model', {}],
    ['error_message', 5],
    ['applied_guardrails', {}],
    ['applied_guardrails', [{ kind: 'pii' }]],
    ['applied_guardrails', [5]],
    ['redacted_entity_counts', { email: -1 }],
    ['redacted_entity_counts', 'many'],
    ['guardrail_enforced_hits', [{ guardrail_name: 'a', hook: 'input' }]],
    ['guardrail_monitor_hits', 4],
  ])('drops a wrong %s (%j) and keeps the event', (field, value) => {
    const { reports, counter } = decode([{ ...EVENT, [field]: value }]);
    expect(reports).toEqual([SMALLEST]);
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field })).toBe(value === null ? 0 : 1);
  });

  it.each([
    ['error_message', 'errorMessage', 2048],
    ['client_user_agent', 'clientUserAgent', 512],
    ['requested_model', 'requestedModel', 256],
    ['finish_reason', 'finishReason', 256],
  ])('cuts a %s of 10 MB', (field, name, length) => {
    const { reports, counter } = decode([{ ...EVENT, [field]: 'x '.repeat(5_000_000) }]);
    expect(reports[0]).toHaveProperty(name, 'x '.repeat(length / 2));
    expect(counter.sum(DECODE_METRICS.fieldCut, { field })).toBe(1);
  });

  it('never cuts a character in two', () => {
    const [report] = decode([{ ...EVENT, requested_model: `${'x'.repeat(255)}😀` }]).reports;
    expect(report?.requestedModel).toBe('x'.repeat(255));
  });

  it('takes control, invisible and direction-changing characters and lone surrogates out of text', () => {
    const text = 'a\u0000b\u001bc\r\nd\u2028e\u202ef\u200bg\ud800h';
    const [report] = decode([{ ...EVENT, requested_model: text, error_message: text }]).reports;
    expect(report?.requestedModel).toBe('abc d efg\ufffdh');
    expect(report?.errorMessage).toBe('abc d efg\ufffdh');
  });

  it('takes at most 64 entries of a list and counts the rest', () => {
    const applied = Array.from({ length: 100 }, (_, at) => ({ kind: `k${at}`, hook: 'input' }));
    const { reports, counter } = decode([{ ...EVENT, applied_guardrails: applied }]);
    expect(reports[0]?.appliedGuardrails).toEqual(applied.slice(0, 64));
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field: 'applied_guardrails' })).toBe(36);
  });

  it('survives names that reach into prototypes', () => {
    const text = `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"redacted_entity_counts":{"__proto__":3,"email":1}}`;
    const { reports, counter } = decode([{ ...JSON.parse(text), ...EVENT, ...JSON.parse(text) }]);
    expect(reports).toEqual([{ ...SMALLEST, redactedEntityCounts: { email: 1 } }]);
    expect(Object.getPrototypeOf(reports[0])).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
    expect(counter.sum(DECODE_METRICS.fieldDropped, { field: 'extra' })).toBeGreaterThan(0);
  });

  it('drops prompts and answers whatever they are called', () => {
    const { reports, counter } = decode([
      {
        ...EVENT,
        content: { prompt: 'tell me a secret', response: 'no' },
        'gen_ai.prompt': 'tell me a secret',
        'gen_ai.completion': 'tell me a secret',
        'gen_ai.input.messages': [{ role: 'user', content: 'tell me a secret' }],
        'gen_ai.system_instructions': 'tell me a secret',
        promptText: 'tell me a secret',
        output: 'tell me a secret',
        content_truncated: true,
        nested: { messages: ['tell me a secret'], kept: 1 },
      },
    ]);
    expect(JSON.stringify(reports)).not.toContain('secret');
    expect(reports[0]?.extra).toEqual({ content_truncated: true, nested: { kept: 1 } });
    expect(counter.sum(DECODE_METRICS.contentDropped)).toBe(8);
    expect(counter.sum(DECODE_METRICS.contentDropped, { field: 'content' })).toBe(1);
    expect(counter.sum(DECODE_METRICS.contentDropped, { field: 'messages' })).toBe(1);
  });

  it('keeps unknown fields within 32 keys and 4 KiB, without secrets', () => {
    const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`field_${at}`, at]));
    const many = decode([{ ...EVENT, ...unknown }]);
    expect(Object.keys(many.reports[0]?.extra ?? {})).toHaveLength(32);
    expect(many.counter.sum(DECODE_METRICS.fieldDropped, { field: 'extra' })).toBe(18);

    const large = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`note_${at}`, 'é'.repeat(400)]));
    const extra = decode([{ ...EVENT, ...large }]).reports[0]?.extra;
    expect(Buffer.byteLength(JSON.stringify(extra))).toBeLessThanOrEqual(MAX_EXTRA_BYTES);
    expect(Object.keys(extra ?? {})).toHaveLength(5);

    const secret = decode([
      {
        ...EVENT,
        user_id: 'u-1',
        note: 'used sk-live-abcdef123',
        'sk-live-abcdef123': 1,
        upstream: { api_key: 'plain', max_tokens: 5 },
      },
    ]);
    expect(secret.reports[0]?.extra).toEqual({
      user_id: 'u-1',
      note: 'used [redacted:api_key]',
      upstream: { api_key: '[redacted:named_field]', max_tokens: 5 },
    });
    expect(secret.counter.sum(DECODE_METRICS.secretRedacted, { kind: 'named_field' })).toBe(1);
  });

  it('accepts schema versions of major 1 and never keeps them', () => {
    for (const version of ['1.0', '1', '1.7.2', 1, undefined, null]) {
      expect(decode([{ ...EVENT, schema_version: version }]).reports).toEqual([SMALLEST]);
    }
  });

  it('scans text that callers and providers write for secrets', () => {
    const { reports, counter } = decode([
      {
        ...EVENT,
        error_message: 'upstream returned HTTP 401: Incorrect API key provided: sk-rotated-wrong',
        client_user_agent: 'curl/8 Bearer abcdef0123456789',
        client_identity: 'https://user:hunter22@example.com/',
        requested_model: 'sk-good-A',
      },
    ]);
    expect(reports[0]).toMatchObject({
      errorMessage: 'upstream returned HTTP 401: Incorrect API key provided: [redacted:api_key]',
      clientUserAgent: 'curl/8 Bearer [redacted:bearer]',
      clientIdentity: 'https://[redacted:url_credentials]@example.com/',
      requestedModel: '[redacted:api_key]',
    });
    expect(counter.sum(DECODE_METRICS.secretRedacted)).toBe(4);
  });

  it('lists the first refusals, counts all, and keeps records of a few without their values', () => {
    const records: RefusedRecord[] = [];
    const bad = { ...EVENT, request_id: '', error_message: 'Bearer abcdef0123456789' };
    const { refused, refusedCount } = decode(
      Array.from({ length: 5000 }, () => bad),
      (record) => records.push(record),
    );
    expect(refused).toHaveLength(MAX_REFUSALS_LISTED);
    expect(refusedCount).toBe(5000);
    expect(records).toHaveLength(MAX_REFUSED_RECORDS);
    expect(records[0]).toMatchObject({
      code: 'invalid_request_id',
      bytes: JSON.stringify(bad).length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      firstLine: expect.stringMatching(/^\{"request_id":"…","occurred_at":"…",/),
    });
    expect(JSON.stringify(records)).not.toMatch(/abcdef0123456789|req-caller/);
  });
});

const FULL = {
  schema_version: '1.0',
  request_id: '147c99bc-574c-45ea-9c36-db5896389485',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  occurred_at: '2026-11-23T12:00:01.5+00:30',
  model_id: 'm-1',
  api_key_id: 'k-1',
  requested_model: 'smart',
  prompt_tokens: 1,
  completion_tokens: 2,
  cached_prompt_tokens: 3,
  reasoning_tokens: 4,
  cache_creation_tokens: 5,
  cache_read_tokens: 6,
  usage_estimated: true,
  audio_duration_seconds: 7.5,
  upstream_latency_ms: 8,
  upstream_ttft_ms: 9,
  downstream_latency_ms: 10,
  status_code: 502,
  provider_request_id: 'chatcmpl-1',
  provider_model_version: 'gpt-4o-2024-08-06',
  finish_reason: 'stop',
  cost_usd: 0.011,
  guardrail_blocked: true,
  guardrail_bypassed_reason: 'lakera_timeout',
  applied_guardrails: [{ kind: 'pii', hook: 'both', later: 1 }],
  redacted_entity_counts: { email: 2 },
  guardrail_monitor_hits: [{ guardrail_name: 'g2', hook: 'output', action: 'would_mask', counts: { a: 1 } }],
  guardrail_enforced_hits: [{ guardrail_name: 'g1', hook: 'input', action: 'blocked', duration_us: 7 }],
  cache_status: 'hit',
  cache_hit_saved_input_tokens: 12,
  cache_hit_saved_output_tokens: 13,
  cache_hit_layer: 'semantic',
  cache_similarity: 0.97,
  inbound_protocol: 'openai',
  attempt_index: 1,
  attempt_kind: 'fallback',
  attempt_model: 'primary',
  error_class: 'upstream_status',
  error_message: 'upstream returned HTTP 502',
  provider_kind: 'byo',
  provider_featured: true,
  branded_provider: 'openai',
  pk_label: 'openai-prod',
  byo_label: 'mine',
  auth_type: 'anonymous',
  client_source_ip: '203.0.113.7',
  client_user_agent: 'openai-python/1.99',
  mcp_server_name: 'srv',
  mcp_tool_name: 'tool',
  a2a_agent_name: 'agent',
  a2a_method: 'message/send',
  a2a_operation: 'send',
  a2a_protocol_version: '0.3',
  a2a_task_id: 't-1',
  a2a_context_id: 'c-1',
  a2a_task_state: 'completed',
  a2a_stream_event_count: 14,
  passthrough_route_name: 'route',
  client_identity: 'me@example.com',
  jwt_subject: 'sub',
  jwt_provider: 'idp',
  jwt_claim_mapping: 'map',
  operation: 'chat',
};

const FULL_REPORT = {
  feed: 'usage',
  requestId: '147c99bc-574c-45ea-9c36-db5896389485',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  occurredAt: Date.parse('2026-11-23T11:30:01.5Z'),
  modelId: 'm-1',
  apiKeyId: 'k-1',
  requestedModel: 'smart',
  promptTokens: 1,
  completionTokens: 2,
  cachedPromptTokens: 3,
  reasoningTokens: 4,
  cacheCreationTokens: 5,
  cacheReadTokens: 6,
  usageEstimated: true,
  audioDurationSeconds: 7.5,
  upstreamLatencyMs: 8,
  upstreamTtftMs: 9,
  downstreamLatencyMs: 10,
  statusCode: 502,
  providerRequestId: 'chatcmpl-1',
  providerModelVersion: 'gpt-4o-2024-08-06',
  finishReason: 'stop',
  costUsd: 0.011,
  guardrailBlocked: true,
  guardrailBypassedReason: 'lakera_timeout',
  appliedGuardrails: [{ kind: 'pii', hook: 'both' }],
  redactedEntityCounts: { email: 2 },
  guardrailHits: [
    { name: 'g1', hook: 'input', action: 'blocked', mode: 'enforced' },
    { name: 'g2', hook: 'output', action: 'would_mask', mode: 'monitor' },
  ],
  cacheStatus: 'hit',
  cacheHitSavedInputTokens: 12,
  cacheHitSavedOutputTokens: 13,
  cacheHitLayer: 'semantic',
  cacheSimilarity: 0.97,
  inboundProtocol: 'openai',
  attemptIndex: 1,
  attemptKind: 'fallback',
  attemptModel: 'primary',
  errorClass: 'upstream_status',
  errorMessage: 'upstream returned HTTP 502',
  providerKind: 'byo',
  providerFeatured: true,
  brandedProvider: 'openai',
  pkLabel: 'openai-prod',
  byoLabel: 'mine',
  authType: 'anonymous',
  clientAddress: '203.0.113.7',
  clientUserAgent: 'openai-python/1.99',
  mcpServer: 'srv',
  mcpTool: 'tool',
  a2aAgent: 'agent',
  a2aMethod: 'message/send',
  a2aOperation: 'send',
  a2aProtocolVersion: '0.3',
  a2aTaskId: 't-1',
  a2aContextId: 'c-1',
  a2aTaskState: 'completed',
  a2aStreamEventCount: 14,
  passthroughRoute: 'route',
  clientIdentity: 'me@example.com',
  jwtSubject: 'sub',
  jwtProvider: 'idp',
  jwtClaimMapping: 'map',
  operation: 'chat',
};
