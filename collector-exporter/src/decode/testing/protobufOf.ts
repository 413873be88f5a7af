import { OTLP } from '../otlpMessages.ts';
import type { RecordedTraces } from './recordings.ts';

/** A recorded JSON post as the same request in protobuf. */
export function protobufOf(traces: RecordedTraces): Uint8Array {
  const resourceSpans = traces.resourceSpans.map(({ scopeSpans }) => ({
    scopeSpans: scopeSpans.map(({ scope, spans }) => ({
      scope,
      spans: spans.map((span) => ({
        ...span,
        traceId: Buffer.from(span.traceId, 'hex'),
        spanId: Buffer.from(span.spanId, 'hex'),
        parentSpanId: Buffer.from(span.parentSpanId ?? '', 'hex'),
      })),
    })),
  }));
  return OTLP.request.encode(OTLP.request.fromObject({ resourceSpans })).finish();
}
