import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTE } from './attributes.ts';
import { putFlag, putNumber, putText, putTexts } from './attributeValue.ts';
import { errorType } from './status.ts';

/** What the caller's side of a request says: who asked, what came back, what the gateway decided. */
export function putServer(into: Attributes, request: GatewayRequest, operation: string | undefined): void {
  putText(into, ATTRIBUTE.environmentId, request.environment);
  putText(into, ATTRIBUTE.dataPlaneId, request.dataPlane);
  putText(into, ATTRIBUTE.outcome, request.outcome);
  putText(into, ATTRIBUTE.protocol, request.protocol);
  putText(into, ATTRIBUTE.operation, operation);
  putText(into, ATTRIBUTE.gatewayOperation, request.operation);
  putText(into, ATTRIBUTE.requestModel, request.requestedModel);
  putText(into, ATTRIBUTE.servedModel, request.servedModel);
  putText(into, ATTRIBUTE.modelId, request.modelId);
  putNumber(into, ATTRIBUTE.httpStatus, request.status);
  putText(into, ATTRIBUTE.errorType, errorType(request));
  putText(into, ATTRIBUTE.errorClass, request.errorClass);
  putText(into, ATTRIBUTE.errorMessage, request.errorMessage);
  putNumber(into, ATTRIBUTE.downstreamLatencyMs, request.downstreamLatencyMs);
  into[ATTRIBUTE.attemptCount] = request.attempts.length;
  into[ATTRIBUTE.retryCount] = countOf(request.attempts, 'retry');
  into[ATTRIBUTE.fallbackCount] = countOf(request.attempts, 'fallback');
  putCaller(into, request);
  if (request.cache !== undefined) putCache(into, request.cache);
  if (request.guardrail !== undefined) putGuardrail(into, request.guardrail);
}

function putCaller(into: Attributes, { apiKeyId, apiKeyName, authType, client, jwt }: GatewayRequest): void {
  putText(into, ATTRIBUTE.apiKeyId, apiKeyId);
  putText(into, ATTRIBUTE.apiKeyName, apiKeyName);
  putText(into, ATTRIBUTE.authType, authType);
  if (client !== undefined) {
    putText(into, ATTRIBUTE.clientAddress, client.address);
    putText(into, ATTRIBUTE.userAgent, client.userAgent);
    putText(into, ATTRIBUTE.clientIdentity, client.identity);
  }
  if (jwt !== undefined) {
    putText(into, ATTRIBUTE.jwtSubject, jwt.subject);
    putText(into, ATTRIBUTE.jwtProvider, jwt.provider);
    putText(into, ATTRIBUTE.jwtClaimMapping, jwt.claimMapping);
  }
}

function putCache(into: Attributes, cache: NonNullable<GatewayRequest['cache']>): void {
  putText(into, ATTRIBUTE.cacheStatus, cache.status);
  putText(into, ATTRIBUTE.cacheLayer, cache.layer);
  putNumber(into, ATTRIBUTE.cacheSimilarity, cache.similarity);
  putNumber(into, ATTRIBUTE.cacheSavedInputTokens, cache.savedInputTokens);
  putNumber(into, ATTRIBUTE.cacheSavedOutputTokens, cache.savedOutputTokens);
}

/** Lists side by side (the n-th name has the n-th hook, action and mode), since attributes hold no objects. */
function putGuardrail(into: Attributes, guardrail: NonNullable<GatewayRequest['guardrail']>): void {
  putFlag(into, ATTRIBUTE.guardrailBlocked, guardrail.blocked);
  putText(into, ATTRIBUTE.guardrailBypassedReason, guardrail.bypassedReason);
  putTexts(
    into,
    ATTRIBUTE.guardrailApplied,
    guardrail.applied?.map(({ kind, hook }) => `${kind}/${hook}`),
  );
  const { hits } = guardrail;
  if (hits !== undefined) {
    putTexts(
      into,
      ATTRIBUTE.guardrailNames,
      hits.map((hit) => hit.name),
    );
    putTexts(
      into,
      ATTRIBUTE.guardrailHooks,
      hits.map((hit) => hit.hook),
    );
    putTexts(
      into,
      ATTRIBUTE.guardrailActions,
      hits.map((hit) => hit.action),
    );
    putTexts(
      into,
      ATTRIBUTE.guardrailModes,
      hits.map((hit) => hit.mode),
    );
  }
  if (guardrail.redactedEntities !== undefined) {
    // Sorted: the order in which a detector counted must not change the bytes.
    const entities = Object.entries(guardrail.redactedEntities).toSorted(([a], [b]) => (a < b ? -1 : 1));
    putTexts(
      into,
      ATTRIBUTE.guardrailRedactedEntities,
      entities.map(([name, found]) => `${name}=${found}`),
    );
  }
}

function countOf(attempts: readonly Attempt[], kind: Attempt['kind']): number {
  let count = 0;
  for (const attempt of attempts) if (attempt.kind === kind) count++;
  return count;
}
