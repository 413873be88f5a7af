import type { GatewayRequest } from '../model/request.ts';
import type { EvidenceLine, ExplainedAttempt } from './explanation.ts';
import {
  blockedSentence,
  forbidden,
  invalidRequest,
  notFound,
  overBudget,
  rateLimited,
  routingExhausted,
} from './gatewayRefusals.ts';
import { classOfOutcome, type OutcomeClass } from './outcomeClass.ts';
import { modelWords, type OutcomeFacts, type Said } from './outcomeFacts.ts';
import { projectionFailure } from './projection.ts';
import { errorWords, provider, servedSentence } from './providerAnswers.ts';
import { recordLines, standingLines, stateLines } from './recordLines.ts';
import { duration, quoted, statusWords } from './sayWords.ts';

export interface OutcomeSaid {
  readonly outcomeClass: OutcomeClass;
  readonly sentence: string;
  readonly evidence: readonly EvidenceLine[];
}

/** Whose doing it was, in one sentence, with what it rests on. */
export function explainOutcome(facts: OutcomeFacts): OutcomeSaid {
  const { request, config, touched } = facts;
  const failure = projectionFailure(request, touched, config);
  if (failure !== undefined) {
    const { sentence, evidence } = failure;
    return {
      outcomeClass: 'projection_failure',
      sentence,
      evidence: [...evidence, ...recordLines(request), ...stateLines(config)],
    };
  }
  const said = ofOutcome(facts);
  return {
    outcomeClass: heldBack(said.outcomeClass ?? classOfOutcome(request.outcome), request),
    sentence: said.sentence,
    evidence: [...(said.evidence ?? []), ...recordLines(request), ...standingLines(touched), ...stateLines(config)],
  };
}

function ofOutcome(facts: OutcomeFacts): Said {
  const { request, attempts } = facts;
  const said = statusWords(request.status, request.errorClass);
  switch (request.outcome) {
    case 'success':
      return { sentence: servedSentence(request, attempts) };
    case 'client_closed':
      return {
        sentence: `The caller left after ${duration(request.durationMs)}, before the answer was complete (499).`,
      };
    case 'caller_auth':
      return { sentence: `The gateway did not accept the caller's key or token (${said}), so nothing was tried.` };
    case 'not_found':
      return notFound(facts);
    case 'invalid_request':
      return invalidRequest(facts, said);
    case 'forbidden':
      return forbidden(facts, said);
    case 'budget':
      return overBudget(facts, said);
    case 'rate_limited':
      return rateLimited(facts, said);
    case 'guardrail_blocked':
      return { sentence: blockedSentence(request) };
    case 'provider_timeout':
      return provider(facts, 'did not answer in time', said);
    case 'provider_error':
      return provider(facts, errorWords(request), said);
    case 'provider_auth':
      return {
        sentence: `The provider refused the gateway's own key${ownKey(attempts)} (upstream ${said}); the caller's key was fine.`,
      };
    case 'gateway_config':
      return {
        sentence: `The gateway could not use its own configuration of ${modelWords(request)} (${said}), and sent nothing.`,
      };
    case 'routing_exhausted':
      return routingExhausted(facts, said);
    case 'unknown':
      return { sentence: `The record does not say what became of it (${said}).` };
  }
}

/** A 5xx, or what an attempt ended with, is never the caller's fault, whatever else the record says. */
function heldBack(found: OutcomeClass, { status, attempts }: GatewayRequest): OutcomeClass {
  return found === 'caller' && ((status !== undefined && status >= 500) || attempts.length > 0) ? 'unknown' : found;
}

/** The provider key that the last attempt used, as far as it is known. */
function ownKey(attempts: readonly ExplainedAttempt[]): string {
  const key = attempts.at(-1)?.providerKey;
  return key === undefined ? '' : ` ${quoted(key)}`;
}
