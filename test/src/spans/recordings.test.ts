import { createSpanOptions, createSpanSerializer, requestSpans } from '@aisix-observability/collector-exporter';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEvents, loadOtlp } from '../recordings/index.ts';
import { assembledRecording, inBatches } from './assembledRecording.ts';
import { type BackendSpan, backendSpans } from './decodedSpans.ts';
import { decodeJsonStrictly, decodeProtobufStrictly } from './strictOtlp.ts';

const SERVER = 2;
const ERROR = 2;
const toJson = createSpanSerializer('http/json');
const toProtobuf = createSpanSerializer('http/protobuf');

const build = (requests: readonly GatewayRequest[]) => {
  const options = createSpanOptions();
  return requests.flatMap((request) => requestSpans(request, options));
};

const perRequest = (spans: readonly BackendSpan[]) =>
  Map.groupBy(spans, (span) => String(span.attributes['aisix.request_id']));

describe.each(['suite', 'story'] as const)('spans of the requests recorded in %s', (name) => {
  let requests: GatewayRequest[];
  let spans: BackendSpan[];

  beforeAll(() => {
    requests = assembledRecording(name, ['usage', 'span']);
    spans = inBatches(requests).flatMap((batch) => backendSpans(decodeProtobufStrictly(toProtobuf(build(batch)))));
  });

  it('are accepted strictly and say the same in both encodings', () => {
    for (const batch of inBatches(requests).slice(0, 10)) {
      const built = build(batch);
      expect(decodeJsonStrictly(toJson(built))).toEqual(decodeProtobufStrictly(toProtobuf(built)));
    }
  });

  it('are one SERVER span each, a logical one where something was tried, and one for each attempt', () => {
    const tried = requests.filter((request) => request.attempts.length > 0);
    const attempts = requests.reduce((sum, request) => sum + request.attempts.length, 0);
    expect(spans.filter((span) => span.kind === SERVER)).toHaveLength(requests.length);
    expect(spans.filter((span) => 'aisix.attempt_index' in span.attributes)).toHaveLength(attempts);
    expect(spans).toHaveLength(requests.length + tried.length + attempts);
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(spans.length);
  });

  it('leave no orphan: a parent is in the same tree, or it is the caller’s span and says so', () => {
    const callers = new Map(requests.map((request) => [request.requestId, request.parent?.spanId]));
    let remote = 0;
    for (const [requestId, tree] of perRequest(spans)) {
      const byId = new Map(tree.map((span) => [span.spanId, span]));
      for (const span of tree) {
        const parent = byId.get(span.parentSpanId ?? '');
        if (span.kind === SERVER) {
          expect(span.parentSpanId).toBe(callers.get(requestId));
          if (span.parentSpanId !== undefined) remote++;
          expect(span.flags).toBe(span.parentSpanId === undefined ? 0x101 : 0x301);
          continue;
        }
        expect(parent?.traceId).toBe(span.traceId);
        expect(span.start >= (parent?.start ?? 0n) && span.end <= (parent?.end ?? 0n)).toBe(true);
      }
    }
    expect(remote).toBe(requests.filter((request) => request.parent !== undefined).length);
    if (name === 'story') expect(remote).toBeGreaterThan(1_000);
  });

  it('add up to the tokens of the usage events, cached ones included', () => {
    const expected = new Map<string, [number, number]>();
    for (const event of loadEvents(name)) {
      const [input, output] = expected.get(event.request_id) ?? [0, 0];
      const cached = (event.cache_read_tokens ?? 0) + (event.cache_creation_tokens ?? 0);
      expected.set(event.request_id, [input + event.prompt_tokens + cached, output + event.completion_tokens]);
    }
    const sum = (tree: readonly BackendSpan[], key: string) =>
      tree.reduce((total, span) => total + Number(span.attributes[key] ?? 0), 0);
    const wrong: unknown[] = [];
    for (const [requestId, tree] of perRequest(spans)) {
      const [input, output] = expected.get(requestId) ?? [0, 0];
      // One recorded span pair has no usage event; it tells its own tokens.
      if (!expected.has(requestId)) continue;
      const summed = [sum(tree, 'gen_ai.usage.input_tokens'), sum(tree, 'gen_ai.usage.output_tokens')];
      if (summed[0] !== input || summed[1] !== output) wrong.push([requestId, summed, [input, output]]);
    }
    expect(wrong).toEqual([]);
  });

  it('follow the status rules: 4xx is no error of the SERVER, but of what called the provider', () => {
    for (const request of requests) {
      const [server, logical, ...attempts] = build([request]);
      const status = request.status ?? 0;
      expect(server?.status.code === ERROR).toBe(status >= 500);
      if (logical !== undefined) {
        expect(logical.status.code === ERROR).toBe(
          request.outcome !== 'success' && request.outcome !== 'client_closed',
        );
      }
      request.attempts.forEach((attempt, position) => {
        const failed = attempt.outcome !== 'success' && attempt.outcome !== 'client_closed';
        expect(attempts[position]?.status.code === ERROR).toBe(failed);
      });
    }
  });

  it('have the times of the gateway’s own spans, to the resolution of a double', () => {
    const truth = new Map<string, readonly [bigint, bigint]>();
    for (const { body } of loadOtlp(name)) {
      for (const span of body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans))) {
        if (span.kind !== SERVER) continue;
        const id = span.attributes.find(({ key }) => key === 'aisix.request_id')?.value;
        if (id === undefined || !('stringValue' in id)) continue;
        truth.set(id.stringValue, [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)]);
      }
    }
    let compared = 0;
    for (const span of spans) {
      const own = truth.get(String(span.attributes['aisix.request_id']));
      if (span.kind !== SERVER || own === undefined) continue;
      compared++;
      for (const off of [span.start - own[0], span.end - own[1]]) expect(off < 250n && off > -250n).toBe(true);
    }
    expect(compared).toBeGreaterThan(500);
  });

  it('have the ids that usage events alone give', () => {
    const ids = (list: readonly GatewayRequest[]) =>
      new Map(list.map((request) => [request.requestId, build([request]).map((span) => span.spanContext().spanId)]));
    const both = ids(requests);
    let compared = 0;
    for (const [requestId, own] of ids(assembledRecording(name, ['usage']))) {
      const other = both.get(requestId) ?? [];
      if (other.length !== own.length) continue;
      expect(other).toEqual(own);
      compared++;
    }
    expect(compared).toBeGreaterThan(requests.length * 0.99);
  });
});
