import protobuf from 'protobufjs/light.js';
import type { DecodeContext, TracesDecoded } from './context.ts';
import type { Fault } from './identity.ts';
import { OTLP, OTLP_FIELD } from './otlpMessages.ts';
import { GATEWAY_SCOPE, SpanCollector } from './traces.ts';

const UNREADABLE = {
  code: 'invalid_protobuf',
  message: 'expected an OTLP ExportTraceServiceRequest in protobuf',
} as const satisfies Fault;

const BAD_SPAN = { code: 'invalid_protobuf', message: 'expected an OTLP span in protobuf' } as const satisfies Fault;

const LENGTH_DELIMITED = 2;

/**
 * Decodes an OTLP `ExportTraceServiceRequest` in protobuf; same rules and same result as `decodeTraces`. The request
 * is walked span by span and never built as a whole, so that memory does not follow the number of spans that a
 * sender packs into few bytes. Never throws.
 */
export function decodeTracesProtobuf(bytes: Uint8Array, ctx: DecodeContext): TracesDecoded {
  const collector = new SpanCollector(ctx);
  try {
    for (const resource of parts(bytes, OTLP_FIELD.resourceSpans)) {
      for (const scoped of parts(resource, OTLP_FIELD.scopeSpans)) collectScope(scoped, collector);
    }
  } catch {
    return { ...new SpanCollector(ctx).result(), unreadable: UNREADABLE };
  }
  return collector.result();
}

function collectScope(scoped: Uint8Array, collector: SpanCollector): void {
  let name = '';
  for (const scope of parts(scoped, OTLP_FIELD.scope)) name = nameOf(scope);
  let foreign = 0;
  for (const span of parts(scoped, OTLP_FIELD.spans)) {
    if (name === GATEWAY_SCOPE) collectSpan(span, collector);
    else foreign += 1;
  }
  collector.refuseScope(name, foreign);
}

function collectSpan(bytes: Uint8Array, collector: SpanCollector): void {
  let span: Record<string, unknown>;
  try {
    // A full list is refused by the collector whatever the span says.
    span = collector.isFull ? {} : jsonForm(OTLP.span.decode(bytes));
  } catch {
    collector.refuse(BAD_SPAN, () => bytes);
    return;
  }
  collector.add(span);
}

function nameOf(scope: Uint8Array): string {
  const { name } = OTLP.scope.toObject(OTLP.scope.decode(scope));
  return typeof name === 'string' ? name : '';
}

/** OTLP JSON form: ids in hex, 64-bit integers as decimal text. */
function jsonForm(message: protobuf.Message): Record<string, unknown> {
  const span = OTLP.span.toObject(message, { longs: String });
  for (const id of ['traceId', 'spanId', 'parentSpanId']) {
    if (span[id] instanceof Uint8Array) span[id] = Buffer.from(span[id]).toString('hex');
  }
  return span;
}

/** The length-delimited values of one field number, in order, without copying. */
function* parts(bytes: Uint8Array, field: number): Generator<Uint8Array> {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const wireType = tag & 7;
    if (tag >>> 3 === field && wireType === LENGTH_DELIMITED) {
      const length = reader.uint32();
      const start = reader.pos;
      reader.skip(length);
      yield bytes.subarray(start, start + length);
    } else reader.skipType(wireType);
  }
}
