import type { Attempt, GatewayRequest } from '@aisix-observability/evidence';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTE } from './attributes.ts';
import { capText, putFlag, putNumber, putText } from './attributeValue.ts';
import { outputTypeOf } from './operation.ts';
import { providerName } from './provider.ts';
import type { SpanTimes } from './times.ts';

/**
 * The GenAI call as the caller sees it, retries inside: on the logical span, or on the SERVER span of a request that
 * has none. It is the one place of `gen_ai.usage.*` and of the cost, so that sums over spans count nothing twice.
 */
export function putCall(
  into: Attributes,
  request: GatewayRequest,
  operation: string | undefined,
  times: SpanTimes,
): void {
  const answer = answeringAttempt(request.attempts);
  putText(into, ATTRIBUTE.provider, providerName(answer?.provider));
  putText(into, ATTRIBUTE.outputType, outputTypeOf(operation));
  // The convention leaves the flag out of calls that do not stream.
  if (request.stream === true) into[ATTRIBUTE.requestStream] = true;
  putText(into, ATTRIBUTE.responseModel, answer?.responseModel);
  putText(into, ATTRIBUTE.responseId, answer?.responseId);
  putFinishReason(into, answer?.finishReason);
  putNumber(into, ATTRIBUTE.timeToFirstChunk, timeToFirstChunk(request, times));
  const { tokens, mcp, a2a } = request;
  if (tokens !== undefined) {
    putNumber(into, ATTRIBUTE.inputTokens, tokens.input);
    putNumber(into, ATTRIBUTE.outputTokens, tokens.output);
    putNumber(into, ATTRIBUTE.cacheReadTokens, tokens.cacheRead);
    putNumber(into, ATTRIBUTE.cacheWriteTokens, tokens.cacheWrite);
    putNumber(into, ATTRIBUTE.reasoningTokens, tokens.reasoning);
  }
  putFlag(into, ATTRIBUTE.usageEstimated, request.usageEstimated);
  putNumber(into, ATTRIBUTE.audioDuration, request.audioDurationSeconds);
  putNumber(into, ATTRIBUTE.costUsd, request.costUsd);
  if (mcp !== undefined) {
    putText(into, ATTRIBUTE.toolName, mcp.tool);
    putText(into, ATTRIBUTE.mcpServer, mcp.server);
  }
  if (a2a !== undefined) putAgent(into, a2a);
  putText(into, ATTRIBUTE.passthroughRoute, request.passthroughRoute);
}

/** The list has one element: the gateway reports one reason per answer. */
export function putFinishReason(into: Attributes, reason: string | undefined): void {
  if (reason !== undefined && reason !== '') into[ATTRIBUTE.finishReasons] = [capText(reason)];
}

function putAgent(into: Attributes, a2a: NonNullable<GatewayRequest['a2a']>): void {
  putText(into, ATTRIBUTE.agentName, a2a.agent);
  putText(into, ATTRIBUTE.conversationId, a2a.contextId);
  putText(into, ATTRIBUTE.a2aMethod, a2a.method);
  putText(into, ATTRIBUTE.a2aOperation, a2a.operation);
  putText(into, ATTRIBUTE.a2aProtocolVersion, a2a.protocolVersion);
  putText(into, ATTRIBUTE.a2aTaskId, a2a.taskId);
  putText(into, ATTRIBUTE.a2aTaskState, a2a.taskState);
  putNumber(into, ATTRIBUTE.a2aStreamEventCount, a2a.streamEventCount);
}

/** The attempt whose answer the caller got; for a request that failed, the last one made. */
export function answeringAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return (
    attempts.findLast(
      ({ kind, outcome }) => kind !== 'panel' && (outcome === 'success' || outcome === 'client_closed'),
    ) ?? attempts.at(-1)
  );
}

/**
 * Seconds from the start of the call to its first chunk. The gateway measures from the start of the attempt that
 * answered; what failed attempts took before it belongs to the caller's wait.
 */
export function timeToFirstChunk(request: GatewayRequest, { logical, attempts }: SpanTimes): number | undefined {
  const at = request.attempts.findLastIndex(({ ttftMs }) => ttftMs !== undefined);
  const ttftMs = request.attempts[at]?.ttftMs;
  const interval = attempts[at];
  if (ttftMs === undefined || interval === undefined || logical === undefined) return toSeconds(request.ttftMs);
  return toSeconds(interval[0] - logical[0] + ttftMs);
}

/** Whole microseconds: what a subtraction of two times leaves behind them is noise. */
export function toSeconds(millis: number | undefined): number | undefined {
  return millis === undefined ? undefined : Math.round(millis * 1000) / 1_000_000;
}
