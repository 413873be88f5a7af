import type { Attempt, GatewayRequest } from '../model/request.ts';
import type { ConfigInForce } from './configInForce.ts';
import { numberAt, textAt } from './document.ts';
import type { ExplainedAttempt } from './explanation.ts';
import { duration, quoted, statusWords } from './sayWords.ts';
import { documentOf } from './touchedResources.ts';

/** Every attempt with the provider key that it used, as far as that is known, and with what it proves. */
export function explainAttempts(request: GatewayRequest, config: ConfigInForce): ExplainedAttempt[] {
  return request.attempts.map((attempt) => {
    const providerKey = providerKeyOf(attempt, config);
    const { index, kind, model, status, errorClass, dispatched, durationMs } = attempt;
    return {
      index,
      kind,
      ...(model !== undefined && { model }),
      ...(providerKey !== undefined && { providerKey }),
      ...(status !== undefined && { status }),
      ...(errorClass !== undefined && { errorClass }),
      dispatched,
      durationMs,
      proves: proofOf(attempt, providerKey, request.stream === true, config),
    };
  });
}

/** The model of an attempt in the configuration of its time. */
export function modelOf({ model, modelId }: Pick<Attempt, 'model' | 'modelId'>, config: ConfigInForce) {
  return (
    (modelId === undefined ? undefined : config.byId('model', modelId)) ??
    (model === undefined ? undefined : config.byName('model', model))
  );
}

/** What the event says of it, else what the model in force names. */
function providerKeyOf(attempt: Attempt, config: ConfigInForce): string | undefined {
  const id = textAt(documentOf(modelOf(attempt, config)), 'provider_key_id');
  const key = id === undefined ? undefined : config.byId('provider_key', id);
  return key?.name ?? attempt.providerKeyLabel ?? id;
}

/** The time limit in force for a model, milliseconds. */
export function timeoutOf(attempt: Attempt, stream: boolean, config: ConfigInForce): number | undefined {
  const value = documentOf(modelOf(attempt, config));
  return (stream ? numberAt(value, 'stream_timeout') : undefined) ?? numberAt(value, 'timeout');
}

/** An attempt that ended after less than this share of a limit was not cut off by it. */
const NEAR_LIMIT = 0.8;

function limitTold(limit: number | undefined, durationMs: number): string {
  if (limit === undefined) return '';
  const words = `the limit in force is ${duration(limit)}`;
  return durationMs < NEAR_LIMIT * limit ? `; ${words}, which does not explain it` : `; ${words}`;
}

function proofOf(attempt: Attempt, providerKey: string | undefined, isStream: boolean, config: ConfigInForce): string {
  const { status, errorClass, dispatched, outcome, durationMs } = attempt;
  const target = attempt.model === undefined ? 'the model' : `the model ${quoted(attempt.model)}`;
  const key = providerKey === undefined ? 'its provider key' : `the provider key ${quoted(providerKey)}`;
  const said = statusWords(status, errorClass);
  if (!dispatched) return `Nothing left the gateway: ${said}. It says nothing about the provider.`;
  switch (outcome) {
    case 'success':
      return `${upper(target)} answered: it was resolved, and ${key} was accepted.`;
    case 'provider_auth':
      return `The provider was reached and refused ${key} (${said}): the gateway resolved ${target} and sent the request.`;
    case 'provider_timeout':
      return `The request was sent, and the provider did not answer within ${duration(durationMs)}${limitTold(timeoutOf(attempt, isStream, config), durationMs)}.`;
    case 'provider_error':
      return errorOf(errorClass, `${target} and ${key} were resolved`, said);
    case 'guardrail_blocked':
      return `${upper(target)} answered, and a guardrail held the answer back.`;
    case 'client_closed':
      return `The provider was at work when the caller left; it says nothing against ${target}.`;
    default:
      return `It ended with ${said}.`;
  }
}

function errorOf(errorClass: string | undefined, resolved: string, said: string): string {
  if (errorClass?.startsWith('transport'))
    return `No connection to the provider came about (${said}): ${resolved}, and the address did not answer.`;
  if (errorClass === 'stream_aborted') return `The provider began to answer and broke off (${said}): ${resolved}.`;
  if (errorClass?.startsWith('upstream_decode'))
    return `The provider answered what cannot be read (${said}): ${resolved}.`;
  return `The provider answered ${said}: ${resolved}, and the provider was reached.`;
}

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
