import type { Attempt } from '@aisix-observability/evidence';
import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTE } from './attributes.ts';
import { putFlag, putNumber, putText } from './attributeValue.ts';
import { putFinishReason, toSeconds } from './callAttributes.ts';
import { providerName } from './provider.ts';
import { errorType } from './status.ts';

/**
 * One try at one target, as an HTTP client would tell it. It carries no `gen_ai.operation.name` and no
 * `gen_ai.usage.*`: backends count calls and sum tokens by these, and an attempt is not a call of its own.
 *
 * @param previous The attempt that this one repeats, for `retry` and `fallback`.
 */
export function putAttempt(into: Attributes, attempt: Attempt, previous: Attempt | undefined): void {
  into[ATTRIBUTE.attemptIndex] = attempt.index;
  into[ATTRIBUTE.attemptKind] = attempt.kind;
  putText(into, ATTRIBUTE.attemptModel, attempt.model);
  putText(into, ATTRIBUTE.modelId, attempt.modelId);
  putText(into, ATTRIBUTE.provider, providerName(attempt.provider));
  putText(into, ATTRIBUTE.providerKeyLabel, attempt.providerKeyLabel);
  into[ATTRIBUTE.attemptOutcome] = attempt.outcome;
  putFlag(into, ATTRIBUTE.dispatched, attempt.dispatched);
  putNumber(into, ATTRIBUTE.httpStatus, attempt.status);
  if (isResend(attempt)) {
    into[ATTRIBUTE.httpResendCount] = Math.max(1, attempt.index);
    if (previous !== undefined) putText(into, ATTRIBUTE.attemptPreviousError, errorType(previous));
  }
  putText(into, ATTRIBUTE.errorType, errorType(attempt));
  putText(into, ATTRIBUTE.errorClass, attempt.errorClass);
  putText(into, ATTRIBUTE.errorMessage, attempt.errorMessage);
  putText(into, ATTRIBUTE.responseModel, attempt.responseModel);
  putText(into, ATTRIBUTE.responseId, attempt.responseId);
  putFinishReason(into, attempt.finishReason);
  putNumber(into, ATTRIBUTE.timeToFirstChunk, toSeconds(attempt.ttftMs));
  putNumber(into, ATTRIBUTE.upstreamTtftMs, attempt.ttftMs);
  const { tokens } = attempt;
  if (tokens !== undefined) {
    putNumber(into, ATTRIBUTE.attemptInputTokens, tokens.input);
    putNumber(into, ATTRIBUTE.attemptOutputTokens, tokens.output);
    putNumber(into, ATTRIBUTE.attemptCacheReadTokens, tokens.cacheRead);
    putNumber(into, ATTRIBUTE.attemptCacheWriteTokens, tokens.cacheWrite);
    putNumber(into, ATTRIBUTE.attemptReasoningTokens, tokens.reasoning);
  }
}

/**
 * Whether an attempt repeats an earlier one. Members of a panel and its judge are calls of their own. The ordinal is
 * the attempt's index, so that it does not change when an earlier attempt becomes known late.
 */
export function isResend({ kind }: Attempt): boolean {
  return kind === 'retry' || kind === 'fallback';
}
