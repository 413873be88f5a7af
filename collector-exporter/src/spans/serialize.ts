import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Encodings of OTLP over HTTP, by the names of `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export type SpanProtocol = 'http/protobuf' | 'http/json';

/** Body of one `POST /v1/traces`. */
export type SerializeSpans = (spans: readonly ReadableSpan[]) => Uint8Array;

const CONTENT_TYPES = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' } as const;

/** `Content-Type` of a body in that encoding. */
export function contentTypeOf(protocol: SpanProtocol): string {
  return CONTENT_TYPES[protocol];
}

/**
 * OpenTelemetry's own serialisers, so that the bytes are those that its exporters send.
 *
 * Both group by the identity of the resource: spans of one environment and data plane share one object (see
 * `resources.ts`), so a batch has one `resourceSpans` entry for each.
 */
export function createSpanSerializer(protocol: SpanProtocol): SerializeSpans {
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return (spans) => {
    const bytes = serializer.serializeRequest(spans as ReadableSpan[]);
    // The type allows "could not"; both implementations always return bytes.
    if (bytes === undefined) throw new TypeError('the span serialiser returned nothing');
    return bytes;
  };
}
