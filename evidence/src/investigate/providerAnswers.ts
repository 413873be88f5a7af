import type { GatewayRequest } from '../model/request.ts';
import { timeoutOf } from './explainAttempts.ts';
import type { ExplainedAttempt } from './explanation.ts';
import { keyWords, type OutcomeFacts, type Said } from './outcomeFacts.ts';
import { counted, duration, quoted, statusWords } from './sayWords.ts';

export function servedSentence({ cache, servedModel }: GatewayRequest, attempts: readonly ExplainedAttempt[]): string {
  if (cache?.status === 'hit') {
    return `It was answered from the cache${cache.layer === undefined ? '' : ` (${cache.layer})`}, so no provider was called.`;
  }
  const by = servedModel === undefined ? 'It was answered' : `It was answered by ${quoted(servedModel)}`;
  const failed = attempts.filter(({ status }) => status !== undefined && (status < 200 || status > 299));
  if (failed.length === 0) return `${by}${attempts.length === 0 ? '' : keyWords(attempts)}.`;
  const first = failed[0];
  const where = first?.model === undefined ? '' : ` at ${quoted(first.model)}`;
  return `${by}, after ${counted(failed.length, 'failed attempt')} (${statusWords(first?.status, first?.errorClass)}${where}): the failure was hidden from the caller.`;
}

const UNREACHED = 'could not be reached';

export function errorWords({ attempts, errorClass, status }: GatewayRequest): string {
  const last = attempts.at(-1)?.errorClass ?? errorClass;
  if (last?.startsWith('transport')) return UNREACHED;
  if (last === 'stream_aborted') return 'broke off its answer';
  if (last?.startsWith('upstream_decode')) return 'answered what cannot be read';
  if (status === 429) return 'rejected the request because of its own rate limit';
  if (status !== undefined && status >= 400 && status < 500) return 'refused the request';
  return 'failed';
}

/** A provider that failed, with every model that was tried. */
export function provider({ request, attempts, config }: OutcomeFacts, did: string, said: string): Said {
  const models = [...new Set(attempts.flatMap(({ model }) => (model === undefined ? [] : [model])))];
  const whose = models.length === 0 ? 'The provider' : `The provider of ${models.map(quoted).join(' and ')}`;
  const times = attempts.length > 1 ? ` in all ${attempts.length} attempts` : '';
  const unreached = did === UNREACHED;
  const sent = !attempts.some(({ dispatched }) => dispatched)
    ? ''
    : unreached
      ? '; the gateway found the model and its key, and nothing answered at the address'
      : '; the gateway found the model and its key and sent the request, so its own path worked';
  const last = request.attempts.at(-1);
  const limit =
    last && request.outcome === 'provider_timeout' ? timeoutOf(last, request.stream === true, config) : undefined;
  return {
    sentence: `${whose} ${did}${times} (${said})${sent}.`,
    ...(limit !== undefined && {
      evidence: [
        {
          code: 'timeout_in_force',
          text: `The gateway waits ${duration(limit)} at most, as configured then.`,
          attempt: last?.index ?? 0,
        },
      ],
    }),
  };
}
