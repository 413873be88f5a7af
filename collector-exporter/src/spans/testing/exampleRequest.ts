import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';

/** A Monday in November 2026, with a fraction of a millisecond. */
export const START = 1_795_415_437_123.25;

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** An answered first attempt, 100 ms after the request began; overridden field by field. */
export function exampleAttempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    index: 0,
    kind: 'initial',
    model: 'primary',
    status: 200,
    outcome: 'success',
    startTime: START + 100,
    endTime: START + 900,
    durationMs: 800,
    dispatched: true,
    ...fields,
  };
}

/** A plain chat that was answered at once; overridden field by field. */
export function exampleRequest(fields: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    requestId: 'req-caller-42',
    traceId: TRACE_ID,
    environment: 'env-1',
    n: 0,
    state: 'final',
    timing: 'measured',
    startTime: START,
    endTime: START + 1000,
    durationMs: 1000,
    status: 200,
    outcome: 'success',
    requestedModel: 'smart',
    protocol: 'openai',
    revision: 0,
    feeds: ['usage'],
    attempts: [exampleAttempt()],
    ...fields,
  };
}

/** The failover of the gateway's documentation: the first target answered 502, the second one answered. */
export function failoverRequest(fields: Partial<GatewayRequest> = {}): GatewayRequest {
  return exampleRequest({
    servedModel: 'secondary',
    tokens: { input: 3, output: 4 },
    attempts: [
      exampleAttempt({
        status: 502,
        outcome: 'provider_error',
        errorClass: 'upstream_status',
        errorMessage: 'upstream returned HTTP 502: primary down',
        endTime: START + 500,
        durationMs: 400,
      }),
      exampleAttempt({
        index: 1,
        kind: 'fallback',
        model: 'secondary',
        startTime: START + 500,
        durationMs: 400,
        finishReason: 'stop',
        responseModel: 'gpt-4o-mini',
        responseId: 'cmpl-2',
        tokens: { input: 3, output: 4 },
      }),
    ],
    ...fields,
  });
}
