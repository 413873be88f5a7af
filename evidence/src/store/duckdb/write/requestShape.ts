import type { GatewayRequest } from '../../../model/request.ts';
import { amount, count, flag, int32, json, list, object, type Shape, text, time } from './shape.ts';

const tokens = object({ input: count, output: count, cacheRead: count, cacheWrite: count, reasoning: count });

const attempt = object({
  index: int32,
  kind: text,
  model: text,
  modelId: text,
  providerKeyLabel: text,
  provider: text,
  status: int32,
  outcome: text,
  errorClass: text,
  errorMessage: text,
  startTime: time,
  endTime: time,
  durationMs: amount,
  ttftMs: amount,
  dispatched: flag,
  finishReason: text,
  responseModel: text,
  responseId: text,
  tokens,
});

/** Objects of which some members have columns beside their JSON. */
const nonNull: Shape = (value) => (typeof value === 'object' && value !== null ? json(value) : undefined);

const MEMBERS: Readonly<Record<keyof GatewayRequest, Shape>> = {
  requestId: text,
  traceId: text,
  environment: text,
  n: count,
  dataPlane: text,
  state: text,
  timing: text,
  startTime: time,
  endTime: time,
  durationMs: amount,
  status: int32,
  outcome: text,
  requestedModel: text,
  servedModel: text,
  modelId: text,
  errorClass: text,
  errorMessage: text,
  usageEstimated: flag,
  apiKeyId: text,
  apiKeyName: text,
  protocol: text,
  operation: text,
  stream: flag,
  ttftMs: amount,
  downstreamLatencyMs: amount,
  tokens,
  costUsd: amount,
  audioDurationSeconds: amount,
  cache: nonNull,
  guardrail: nonNull,
  mcp: object({ server: text, tool: text }),
  a2a: nonNull,
  passthroughRoute: text,
  authType: text,
  jwt: object({ subject: text, provider: text, claimMapping: text }),
  client: object({ address: text, userAgent: text, identity: text }),
  parent: nonNull,
  revision: int32,
  feeds: nonNull,
  exportedTraceIds: nonNull,
  attempts: list(attempt),
  extra: nonNull,
};

const shape = object(MEMBERS);

export interface FittedRequest {
  readonly request: GatewayRequest;
  /** Whether the columns hold every bit of it. */
  readonly exact: boolean;
}

/** A request as the columns can hold it. Requests as the collector makes them fit exactly. */
export function fitRequest(request: GatewayRequest): FittedRequest {
  const fitted = shape(request) as GatewayRequest;
  return { request: fitted, exact: fitted === request };
}
