import type { GatewayRequest } from '@aisix-observability/evidence';
import type { Labels, Recorder } from '@aisix-observability/pipeline';
import { describe, expect, it } from 'vitest';
import { exampleAttempt, exampleRequest, failoverRequest } from '../spans/testing/exampleRequest.ts';
import { BoundedNames, OTHER } from './boundedNames.ts';
import { REQUEST_METRIC, REQUEST_METRIC_BOUNDARIES, REQUEST_METRIC_HELP } from './metricNames.ts';
import { createRequestMetrics, type RequestMetricsOptions } from './requestMetrics.ts';

interface Recorded {
  readonly kind: 'count' | 'observe';
  readonly name: string;
  readonly value: number;
  readonly labels: Labels;
}

function collect(options?: RequestMetricsOptions) {
  const recorded: Recorded[] = [];
  const note =
    (kind: Recorded['kind']) =>
    (name: string, value: number, labels: Labels = {}) => {
      recorded.push({ kind, name, value, labels });
    };
  const recorder: Recorder = { count: note('count'), gauge() {}, observe: note('observe') };
  const record = createRequestMetrics(recorder, options);
  const of = (name: string) => recorded.filter((one) => one.name === name);
  return { recorded, of, record };
}

describe('metrics of a request', () => {
  it('are its duration, its outcome, its call, its tokens, its attempts', () => {
    const { recorded, of, record } = collect({ environmentNames: new Map([['env-1', 'prod']]) });
    record(
      failoverRequest({
        costUsd: 0.5,
        tokens: { input: 30, output: 4, cacheRead: 10, cacheWrite: 5, reasoning: 2 },
      }),
    );
    const asked = {
      'deployment.environment.name': 'prod',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'smart',
    };
    const ended = { ...asked, 'aisix.outcome': 'success', 'http.response.status_code': '200' };
    const called = { ...asked, 'aisix.served_model': 'secondary' };
    const tokens = { ...called, 'gen_ai.token.modality': 'unknown' };
    const tried = { 'deployment.environment.name': 'prod' };
    expect(recorded).toEqual([
      { kind: 'count', name: 'aisix_requests', value: 1, labels: ended },
      { kind: 'observe', name: 'http.server.request.duration', value: 1, labels: ended },
      { kind: 'observe', name: 'gen_ai.client.inference.duration', value: 0.8, labels: called },
      { kind: 'count', name: 'gen_ai.client.inference.usage.input_tokens', value: 30, labels: tokens },
      { kind: 'count', name: 'gen_ai.client.inference.usage.output_tokens', value: 4, labels: tokens },
      { kind: 'count', name: 'gen_ai.client.inference.usage.cache_read.input_tokens', value: 10, labels: tokens },
      { kind: 'count', name: 'gen_ai.client.inference.usage.cache_write.input_tokens', value: 5, labels: tokens },
      { kind: 'count', name: 'gen_ai.client.inference.usage.reasoning.output_tokens', value: 2, labels: tokens },
      { kind: 'count', name: 'aisix_cost_usd', value: 0.5, labels: called },
      {
        kind: 'count',
        name: 'aisix_attempts',
        value: 1,
        labels: {
          ...tried,
          'aisix.attempt_kind': 'initial',
          'aisix.attempt.outcome': 'provider_error',
          'aisix.attempt_model': 'primary',
        },
      },
      {
        kind: 'count',
        name: 'aisix_attempts',
        value: 1,
        labels: {
          ...tried,
          'aisix.attempt_kind': 'fallback',
          'aisix.attempt.outcome': 'success',
          'aisix.attempt_model': 'secondary',
        },
      },
    ]);
    expect(of(REQUEST_METRIC.corrected)).toEqual([]);
  });

  it('say the error and the provider where there is one', () => {
    const { of, record } = collect();
    const failed = { status: 504, outcome: 'provider_timeout', errorClass: 'timeout' } as const;
    record(exampleRequest({ ...failed, attempts: [exampleAttempt({ ...failed, provider: 'OpenAI' })] }));
    expect(of('http.server.request.duration')[0]?.labels).toMatchObject({
      'error.type': 'timeout',
      'http.response.status_code': '504',
    });
    expect(of('gen_ai.client.inference.duration')[0]?.labels).toMatchObject({
      'error.type': 'timeout',
      'gen_ai.provider.name': 'openai',
    });
  });

  it.each<[string, Partial<GatewayRequest>, string | undefined]>([
    ['a chat', {}, 'gen_ai.client.inference.duration'],
    ['embeddings', { operation: 'embeddings' }, 'gen_ai.client.embeddings.duration'],
    ['a tool', { protocol: 'mcp' }, 'gen_ai.client.operation.duration'],
    ['an agent', { protocol: 'a2a' }, 'gen_ai.client.operation.duration'],
    ['a cache hit, which calls nobody', { attempts: [] }, undefined],
  ])('%s is timed as %s', (_, fields, name) => {
    const { recorded, record } = collect();
    record(exampleRequest(fields));
    const timed = recorded.filter((one) => one.kind === 'observe' && one.name.startsWith('gen_ai.'));
    expect(timed.map((one) => one.name)).toEqual(name === undefined ? [] : [name]);
  });

  it('time the first chunk of streams as the logical span tells it', () => {
    const { of, record } = collect();
    const [first, second] = failoverRequest().attempts;
    if (first === undefined || second === undefined) throw new Error('the example has two attempts');
    record(failoverRequest({ stream: true, ttftMs: 150, attempts: [first, { ...second, ttftMs: 150 }] }));
    record(exampleRequest({ ttftMs: 150 }));
    expect(of('gen_ai.client.inference.time_to_first_chunk').map((one) => one.value)).toEqual([0.55]);
  });

  it('count a request once: corrections apart, open ones not at all', () => {
    const { recorded, record } = collect();
    record(exampleRequest({ state: 'open' }));
    expect(recorded).toEqual([]);
    record(exampleRequest({ revision: 1, tokens: { input: 5 } }));
    expect(recorded).toEqual([
      {
        kind: 'count',
        name: 'aisix_requests_corrected',
        value: 1,
        labels: { 'deployment.environment.name': 'env-1', 'aisix.outcome': 'success' },
      },
    ]);
  });
});

describe('labels', () => {
  it('are bounded however many models are asked for', () => {
    const { recorded, record } = collect({ maxModels: 3 });
    for (let index = 0; index < 50; index++) {
      const model = `model-${index}`;
      record(exampleRequest({ requestedModel: model, servedModel: model, attempts: [exampleAttempt({ model })] }));
    }
    for (const label of ['gen_ai.request.model', 'aisix.served_model', 'aisix.attempt_model']) {
      const values = new Set(recorded.flatMap((one) => one.labels[label] ?? []));
      expect([...values]).toEqual(['model-0', 'model-1', 'model-2', OTHER]);
    }
  });

  it('are bounded in errors, operations and providers, which senders write', () => {
    const { recorded, record } = collect();
    for (let index = 0; index < 500; index++) {
      record(
        exampleRequest({
          operation: `operation_${index}`,
          outcome: 'unknown',
          status: 500,
          errorClass: `class ${index}`,
          attempts: [exampleAttempt({ provider: `brand ${index}` })],
        }),
      );
    }
    for (const label of ['error.type', 'gen_ai.operation.name', 'gen_ai.provider.name']) {
      expect(new Set(recorded.map((one) => one.labels[label])).size).toBeLessThanOrEqual(66);
    }
  });

  it('give no place to a model that only a caller names', () => {
    const { of, record } = collect({ maxModels: 1 });
    record(exampleRequest({ requestedModel: 'made up', status: 404, outcome: 'not_found', attempts: [] }));
    record(exampleRequest({ requestedModel: 'real' }));
    record(exampleRequest({ requestedModel: 'real', status: 429, outcome: 'rate_limited', attempts: [] }));
    expect(of('aisix_requests').map((one) => one.labels['gen_ai.request.model'])).toEqual([OTHER, 'real', 'real']);
  });

  it('are never long or empty names', () => {
    const names = new BoundedNames(10);
    expect(names.label('x'.repeat(129), true)).toBe(OTHER);
    expect(names.label('', true)).toBe(OTHER);
    expect(names.label('x', true)).toBe('x');
  });
});

describe('the tables for who sets meters up', () => {
  it('help with every metric, and have ascending boundaries for every duration', () => {
    expect(Object.keys(REQUEST_METRIC_HELP).toSorted()).toEqual(Object.values(REQUEST_METRIC).toSorted());
    const timed = Object.values(REQUEST_METRIC).filter((name) => /duration$|time_to_first/.test(name));
    expect(Object.keys(REQUEST_METRIC_BOUNDARIES).toSorted()).toEqual(timed.toSorted());
    for (const boundaries of Object.values(REQUEST_METRIC_BOUNDARIES)) {
      expect(boundaries).toEqual(boundaries.toSorted((a, b) => a - b));
    }
  });
});
