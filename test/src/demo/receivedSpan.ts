/** A span as it arrived at the destination, in the demo's words. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 2 is SERVER, 3 is CLIENT. */
  readonly kind: number;
  /** Epoch milliseconds with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly statusMessage?: string;
}

export type AttributeValue = string | number | boolean | readonly AttributeValue[];

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: readonly { readonly key: string; readonly value: WireValue }[];
  readonly status?: { readonly message?: string };
}

interface WireTraces {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}

/** Spans of one `POST /v1/traces` in http/json, read like any backend would read it. */
export function receivedSpans(body: unknown): ReceivedSpan[] {
  const { resourceSpans = [] } = body as WireTraces;
  return resourceSpans
    .flatMap((resource) => resource.scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? [])
    .map((span) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      ...(span.parentSpanId !== undefined && span.parentSpanId !== '' && { parentSpanId: span.parentSpanId }),
      name: span.name,
      kind: span.kind ?? 0,
      start: millis(span.startTimeUnixNano),
      end: millis(span.endTimeUnixNano),
      attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, plainValue(value)])),
      ...(span.status?.message !== undefined && { statusMessage: span.status.message }),
    }));
}

/** Microseconds are as fine as a double holds a time of this century. */
function millis(nanos: string | number): number {
  return Number(BigInt(nanos) / 1000n) / 1000;
}

function plainValue(value: WireValue): AttributeValue {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue);
  return value.doubleValue ?? '';
}
