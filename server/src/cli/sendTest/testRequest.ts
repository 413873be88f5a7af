/** Starts the request id of every test request, so that they can be found and left out (`aisix.request_id`). */
export const TEST_ID_PREFIX = 'aisix-test-';

/** Stands on the SERVER span of every test request (`user_agent.original`). */
export const TEST_USER_AGENT = 'aisix-observability-send-test';

/** Requested model of every test request; no gateway serves one of that name. */
export const TEST_MODEL = 'aisix-send-test';

/** One request that never happened, as a gateway would tell of it. */
export interface TestRequest {
  readonly requestId: string;
  readonly traceId: string;
  readonly spanIds: readonly [server: string, client: string];
  /** Epoch milliseconds. */
  readonly at: number;
}

const DURATION_MILLIS = 42;

/** Sampling reads these as the largest possible number, so no ratio above 0 leaves a test request out. */
const KEPT_BY_SAMPLING = 'f'.repeat(14);

/** `hex(n)` gives n random bytes as hex digits. */
export function createTestRequest(at: number, hex: (bytes: number) => string): TestRequest {
  return {
    requestId: `${TEST_ID_PREFIX}${hex(8)}`,
    traceId: `${hex(9)}${KEPT_BY_SAMPLING}`,
    spanIds: [hex(8), hex(8)],
    at,
  };
}

/** As a usage event, in the gateway's own words. */
export function usageEvent({ requestId, traceId, at }: TestRequest): Readonly<Record<string, unknown>> {
  return {
    request_id: requestId,
    trace_id: traceId,
    occurred_at: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    requested_model: TEST_MODEL,
    upstream_latency_ms: DURATION_MILLIS,
    downstream_latency_ms: DURATION_MILLIS,
    status_code: 200,
    attempt_index: 0,
    attempt_kind: 'initial',
    inbound_protocol: 'openai',
    client_user_agent: TEST_USER_AGENT,
  };
}

/** As the spans of the gateway's `otlp_http` exporter, in JSON. */
export function exportRequest({ requestId, traceId, spanIds, at }: TestRequest): unknown {
  const [server, client] = spanIds;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const number = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
  const attributes = [
    text('gen_ai.operation.name', 'chat'),
    text('aisix.request_id', requestId),
    number('http.response.status_code', 200),
    text('gen_ai.request.model', TEST_MODEL),
    text('aisix.client_user_agent', TEST_USER_AGENT),
  ];
  const nanos = (millis: number) => `${millis}000000`;
  const span = {
    traceId,
    name: 'chat.completions',
    startTimeUnixNano: nanos(at - DURATION_MILLIS),
    endTimeUnixNano: nanos(at),
    status: { code: 1 },
  };
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'aisix-dp')] },
        scopeSpans: [
          {
            scope: { name: 'aisix-obs.otlp_http_sink' },
            spans: [
              { ...span, spanId: server, kind: 2, attributes },
              {
                ...span,
                spanId: client,
                parentSpanId: server,
                kind: 3,
                attributes: [...attributes, number('aisix.attempt_index', 0), text('aisix.attempt_kind', 'initial')],
              },
            ],
          },
        ],
      },
    ],
  };
}
