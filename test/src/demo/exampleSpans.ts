import type { RequestTruth } from '../gateway/compose.ts';
import { createRandom } from '../gateway/random.ts';
import type { AttributeValue, ReceivedSpan } from './receivedSpan.ts';

/** Spans as the exporter would send them of a simulated request: for tests of what is drawn. */
export function exampleSpans(truth: RequestTruth, more: Readonly<Record<string, AttributeValue>> = {}): ReceivedSpan[] {
  const random = createRandom(truth.requestId.length + truth.start);
  const { traceId, start, end, status, outcome } = truth;
  const failed = outcome !== 'success' && outcome !== 'client_closed';
  const error = failed ? { 'error.type': outcome } : {};
  const server: ReceivedSpan = {
    traceId,
    spanId: random.hex(16),
    name: 'chat',
    kind: 2,
    start,
    end,
    attributes: {
      'aisix.request_id': truth.requestId,
      'aisix.outcome': outcome,
      'aisix.revision': 0,
      'http.response.status_code': status,
      ...(truth.requestedModel && { 'gen_ai.request.model': truth.requestedModel }),
      ...(truth.servedModel && { 'aisix.served_model': truth.servedModel }),
      ...(truth.apiKeyId && { 'aisix.api_key_id': truth.apiKeyId }),
      ...error,
      ...more,
    },
  };
  const [first] = truth.attempts;
  if (first === undefined) return [server];
  const logical: ReceivedSpan = {
    traceId,
    spanId: random.hex(16),
    parentSpanId: server.spanId,
    name: `chat ${truth.requestedModel}`,
    kind: 3,
    start: first.start,
    end: Math.max(...truth.attempts.map((attempt) => attempt.end)),
    attributes: { 'gen_ai.usage.input_tokens': 1_180, 'gen_ai.usage.output_tokens': 77, ...error },
  };
  const attempts = truth.attempts.map((attempt): ReceivedSpan => {
    const bad = attempt.status >= 400;
    return {
      traceId,
      spanId: random.hex(16),
      parentSpanId: logical.spanId,
      name: `chat ${attempt.model}`,
      kind: 3,
      start: attempt.start,
      end: attempt.end,
      attributes: {
        'aisix.attempt_index': attempt.index,
        'aisix.attempt_kind': attempt.kind,
        ...(attempt.model && { 'aisix.attempt_model': attempt.model }),
        'http.response.status_code': attempt.status,
        ...(bad && {
          'error.type': 'upstream_status',
          'aisix.error_message': `upstream returned HTTP ${attempt.status}: The server had an error`,
        }),
      },
    };
  });
  return [server, logical, ...attempts];
}
