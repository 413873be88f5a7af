/** Hex of a fixed width: a trace id has 32 digits, a span id 16. */
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** The span of one row, as http/json writes it; the id says which row it came from. */
export function jsonSpan(row: number) {
  return {
    traceId: hex(row, 32),
    spanId: hex(row, 16),
    name: `row ${row}`,
    kind: 2,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001000000000',
  };
}

export type JsonSpan = ReturnType<typeof jsonSpan>;

/** A whole `ExportTraceServiceRequest`. */
export function jsonRequest(spans: readonly JsonSpan[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] }));
}

/** As the sink keeps it. */
export function spanKey(row: number): string {
  return `${hex(row, 32)}:${hex(row, 16)}`;
}
