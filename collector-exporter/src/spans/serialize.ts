import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createProtobufSpans } from './protobufSpans.ts';

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
 * The bytes that OpenTelemetry's exporters send: by its own serialiser for JSON, for protobuf by a faster one that is
 * held to it by tests.
 *
 * Both group by the identity of the resource: spans of one environment and data plane share one object (see
 * `resources.ts`), so a batch has one `resourceSpans` entry for each.
 */
export function createSpanSerializer(protocol: SpanProtocol): SerializeSpans {
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const own = protocol === 'http/protobuf' ? createProtobufSpans() : undefined;
  return (spans) => {
    const bytes = own?.(spans) ?? serializer.serializeRequest(spans as ReadableSpan[]);
    // The type allows "could not"; both implementations always return bytes.
    if (bytes === undefined) throw new TypeError('the span serialiser returned nothing');
    return bytes;
  };
}
