import type { Attempt, GatewayRequest } from '../model/request.ts';
import type { AttemptRow, RequestRow } from './model.ts';

/** What weighing needs of one attempt. */
function attemptRow({ model, modelId, providerKeyLabel, status, outcome, errorClass }: Attempt): AttemptRow {
  return { model, modelId, providerKeyLabel, status, outcome, errorClass };
}

/** What weighing needs of a request. */
export function fromRequest(request: GatewayRequest): RequestRow {
  const { cache, guardrail, attempts, mcp, a2a, jwt } = request;
  return {
    startTime: request.startTime,
    durationMs: request.durationMs,
    reconstructed: request.timing === 'reconstructed',
    status: request.status,
    outcome: request.outcome,
    errorClass: request.errorClass,
    errorMessage: request.errorMessage ?? attempts.findLast(({ errorMessage }) => errorMessage)?.errorMessage,
    requestedModel: request.requestedModel,
    servedModel: request.servedModel,
    modelId: request.modelId,
    apiKeyId: request.apiKeyId,
    apiKeyName: request.apiKeyName,
    dataPlane: request.dataPlane,
    protocol: request.protocol,
    stream: request.stream === true,
    cacheHit: cache?.status === 'hit',
    guardrails: guardrail?.hits?.map(({ name }) => name),
    mcpServer: mcp?.server,
    a2aAgent: a2a?.agent,
    passthroughRoute: request.passthroughRoute,
    jwtProvider: jwt?.provider,
    jwtClaimMapping: jwt?.claimMapping,
    attempts: attempts.map(attemptRow),
  };
}
