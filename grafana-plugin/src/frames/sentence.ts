import type { Attempt, GatewayRequest } from '../api/contract';
import { duration } from './duration';
import { LEVEL_OF, OUTCOME_WORDS } from './outcomes';
import { shortText } from './plainText';

/** Characters of a name in the sentence; the whole name is among the labels. */
const NAME = 60;

/** Characters of an error message in the sentence. */
const MESSAGE = 160;

/** Attempts told one by one; a caller that retries for minutes makes hundreds. */
const ATTEMPTS = 6;

/**
 * What happened to a request, in one line:
 * `200 smart → gpt-4o failed (upstream 503), backup-small 200 in 812 ms, 266+189 tokens`.
 */
export function requestSentence(request: GatewayRequest): string {
  const { status, outcome, durationMs, state } = request;
  const subject = name(subjectOf(request));
  const attempts = attemptsOf(request, subject);
  return [
    [status === undefined ? '–' : String(status), subject].join(' '),
    attempts === '' ? '' : ` → ${attempts}`,
    verdictOf(request),
    outcome === 'client_closed' ? ` after ${duration(durationMs)}` : ` in ${duration(durationMs)}`,
    tokensOf(request),
    request.cache?.status === 'hit' ? ', from the cache' : '',
    messageOf(request),
    state === 'open' ? ' (open)' : '',
  ].join('');
}

/** What was asked for: a model, else a tool, an agent or a route. */
function subjectOf({ requestedModel, mcp, a2a, passthroughRoute, operation, protocol }: GatewayRequest): string {
  if (requestedModel !== undefined) return requestedModel;
  if (mcp !== undefined) return ['mcp', mcp.server, mcp.tool].filter((part) => part !== undefined).join('/');
  if (a2a?.agent !== undefined) return `a2a/${a2a.agent}`;
  return passthroughRoute ?? operation ?? protocol ?? 'request';
}

function attemptsOf({ attempts, servedModel }: GatewayRequest, subject: string): string {
  const [only] = attempts;
  if (only === undefined) return '';
  if (attempts.length === 1 && LEVEL_OF[only.outcome] !== 'error') {
    const model = name(servedModel ?? only.model ?? subject);
    return model === subject ? '' : model;
  }
  const told = attempts.map((attempt) => attemptText(attempt, attempts.length));
  const runs: { text: string; times: number }[] = [];
  for (const text of told) {
    const last = runs.at(-1);
    if (last?.text === text) last.times += 1;
    else runs.push({ text, times: 1 });
  }
  const texts = runs.map(({ text, times }) => (times === 1 ? text : `${text} ×${times}`));
  // The last one decided, so it is always told.
  const shown =
    texts.length <= ATTEMPTS
      ? texts
      : [...texts.slice(0, ATTEMPTS - 1), `… ${texts.length - ATTEMPTS} more`, ...texts.slice(-1)];
  return shown.join(', ');
}

function attemptText(attempt: Attempt, count: number): string {
  const model = name(attempt.model ?? attempt.provider ?? 'target');
  if (attempt.outcome === 'success') return count === 1 ? model : `${model} ${attempt.status ?? 'answered'}`;
  if (!attempt.dispatched) return `${model} not tried (${reasonOf(attempt)})`;
  return `${model} failed (${reasonOf(attempt)})`;
}

/** How the gateway's messages tell the status of the provider. */
const UPSTREAM_STATUS = /\bHTTP (\d{3})\b/;

function reasonOf({ outcome, errorClass, errorMessage }: Attempt): string {
  const upstream = UPSTREAM_STATUS.exec(errorMessage ?? '')?.[1];
  if (upstream !== undefined) return `upstream ${upstream}`;
  if (outcome === 'provider_timeout') return 'timeout';
  return name(errorClass ?? OUTCOME_WORDS[outcome]);
}

/** Where no attempt tells it already. */
function verdictOf({ outcome, guardrail, errorClass, attempts }: GatewayRequest): string {
  if (outcome === 'success') return '';
  if (outcome === 'guardrail_blocked') {
    const names = guardrail?.hits?.filter(({ mode }) => mode === 'enforced').map((hit) => name(hit.name)) ?? [];
    return names.length === 0 ? ' blocked by a guardrail' : ` blocked by guardrail ${[...new Set(names)].join(', ')}`;
  }
  if (attempts.length > 0 && LEVEL_OF[outcome] === 'error') return '';
  const reason = errorClass === undefined ? '' : ` (${name(errorClass)})`;
  return ` ${OUTCOME_WORDS[outcome]}${outcome === 'client_closed' ? '' : reason}`;
}

function tokensOf({ tokens, usageEstimated }: GatewayRequest): string {
  if (tokens?.input === undefined && tokens?.output === undefined) return '';
  return `, ${usageEstimated === true ? '~' : ''}${tokens.input ?? 0}+${tokens.output ?? 0} tokens`;
}

function messageOf({ errorMessage, outcome }: GatewayRequest): string {
  return errorMessage === undefined || outcome === 'success' ? '' : `: ${shortText(errorMessage, MESSAGE)}`;
}

const name = (text: string) => shortText(text, NAME);
