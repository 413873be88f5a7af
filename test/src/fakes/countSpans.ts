interface JsonRequest {
  readonly resourceSpans?: readonly { readonly scopeSpans?: readonly { readonly spans?: readonly unknown[] }[] }[];
}

/** Spans in an `ExportTraceServiceRequest`: a parsed JSON document, or the bytes of the protobuf message. */
export function countSpans(request: unknown): number {
  if (request instanceof Uint8Array) return countSpansInProtobuf(request);
  const { resourceSpans = [] } = (request ?? {}) as JsonRequest;
  let spans = 0;
  for (const { scopeSpans = [] } of resourceSpans) for (const scope of scopeSpans) spans += scope.spans?.length ?? 0;
  return spans;
}

/** Field numbers down to a span: `resource_spans` 1, `scope_spans` 2, `spans` 2. */
const PATH = [1, 2, 2];
const LENGTH_DELIMITED = 2;

/** Walks only the length-delimited fields on the way, which is much cheaper than decoding. */
function countSpansInProtobuf(bytes: Uint8Array): number {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[position];
      if (byte === undefined) throw new Error('protobuf ends in the middle of a number');
      position += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  const within = (end: number, depth: number): number => {
    let found = 0;
    while (position < end) {
      const tag = varint();
      const wire = tag & 7;
      if (wire === LENGTH_DELIMITED) {
        const length = varint();
        const inner = position + length;
        if (inner > end) throw new Error('protobuf field reaches beyond its message');
        if (tag >> 3 === PATH[depth]) found += depth === PATH.length - 1 ? 1 : within(inner, depth + 1);
        position = inner;
      } else if (wire === 0) varint();
      else if (wire === 1) position += 8;
      else if (wire === 5) position += 4;
      else throw new Error('protobuf with a wire type that OTLP does not use');
    }
    if (position !== end) throw new Error('protobuf field reaches beyond its message');
    return found;
  };
  return within(bytes.length, 0);
}
