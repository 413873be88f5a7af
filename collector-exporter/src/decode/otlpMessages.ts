import protobuf from 'protobufjs/light.js';

/**
 * Field names and numbers of the OTLP trace messages, as far as they are read or written here. What is not listed is
 * skipped by number. `AnyValue` knows plain values and one level of list, so that nesting is bounded by this table.
 */
const MESSAGES = {
  nested: {
    ExportTraceServiceRequest: {
      fields: { resourceSpans: { rule: 'repeated', type: 'ResourceSpans', id: 1 } },
    },
    ResourceSpans: {
      fields: { scopeSpans: { rule: 'repeated', type: 'ScopeSpans', id: 2 } },
    },
    ScopeSpans: {
      fields: {
        scope: { type: 'InstrumentationScope', id: 1 },
        spans: { rule: 'repeated', type: 'Span', id: 2 },
      },
    },
    InstrumentationScope: {
      fields: { name: { type: 'string', id: 1 }, version: { type: 'string', id: 2 } },
    },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        traceState: { type: 'string', id: 3 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        kind: { type: 'int32', id: 6 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 9 },
        events: { rule: 'repeated', type: 'Skipped', id: 11 },
        flags: { type: 'fixed32', id: 16 },
      },
    },
    Skipped: { fields: {} },
    KeyValue: {
      fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } },
    },
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue'] } },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'PlainList', id: 5 },
      },
    },
    PlainList: { fields: { values: { rule: 'repeated', type: 'PlainValue', id: 1 } } },
    PlainValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue'] } },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
      },
    },
    ExportTraceServiceResponse: {
      fields: { partialSuccess: { type: 'ExportTracePartialSuccess', id: 1 } },
    },
    ExportTracePartialSuccess: {
      fields: { rejectedSpans: { type: 'int64', id: 1 }, errorMessage: { type: 'string', id: 2 } },
    },
    Status: {
      fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } },
    },
  },
};

const root = protobuf.Root.fromJSON(MESSAGES);

/** Message types by name; the names are those of OTLP. */
export const OTLP = {
  request: root.lookupType('ExportTraceServiceRequest'),
  span: root.lookupType('Span'),
  scope: root.lookupType('InstrumentationScope'),
  response: root.lookupType('ExportTraceServiceResponse'),
  /** `google.rpc.Status`, the body of a refused request in protobuf. */
  status: root.lookupType('Status'),
} as const;

/** Field numbers along which a request is walked without building it. */
export const OTLP_FIELD = { resourceSpans: 1, scopeSpans: 2, scope: 1, spans: 2 } as const;
