import { readPartialSuccess, readRefusal } from './partialSuccess.ts';
import { retryAfterMillis } from './retryAfter.ts';
import type { Answer } from './transport.ts';

/** What to do after an answer. `detail` is safe to show. */
export type Verdict =
  | {
      readonly kind: 'delivered';
      readonly rejected: number;
      readonly message?: string;
      readonly unreadable?: 'nonsense' | 'too_large';
    }
  /** The same again, later. */
  | {
      readonly kind: 'retry';
      readonly reason: RetryReason;
      readonly detail: string;
      readonly retryAfterMillis?: number;
    }
  /** The same again, much later: an operator has to mend something, and until then nothing may be thrown away. */
  | { readonly kind: 'blocked'; readonly detail: string; readonly hint: string }
  /** Less at a time. */
  | { readonly kind: 'too_large'; readonly status: number; readonly detail: string }
  /** Something in it will never be accepted: find it. */
  | { readonly kind: 'refused'; readonly status: number; readonly detail: string; readonly message?: string }
  /** Called off by us. */
  | { readonly kind: 'aborted' };

export type RetryReason =
  | 'status_429'
  | 'status_502'
  | 'status_503'
  | 'status_504'
  | 'timeout'
  | 'unreachable'
  | 'disconnected';

/** OTLP/HTTP: these and no others are worth the same request again. */
const RETRYABLE: ReadonlyMap<number, RetryReason> = new Map([
  [429, 'status_429'],
  [502, 'status_502'],
  [503, 'status_503'],
  [504, 'status_504'],
]);

/** Statuses that speak of the content; everything else below 500 speaks of how the destination is configured. */
const ABOUT_THE_DATA = new Set([400, 422]);

const CONFIGURATION_HINTS: ReadonlyMap<number, string> = new Map([
  [401, 'check the credentials in the headers of this destination'],
  [403, 'check the credentials in the headers of this destination and what they may do'],
  [404, 'check the path of the endpoint; traces usually go to /v1/traces'],
  [405, 'check the path of the endpoint; traces usually go to /v1/traces'],
  [406, 'choose the other protocol (http/protobuf or http/json)'],
  [407, 'a proxy on the way asks for credentials'],
  [415, 'choose the other protocol (http/protobuf or http/json), or compression: none'],
]);

const OTHER_HINT = 'check the endpoint and the headers of this destination';

/** Judges one answer by the rules of OTLP/HTTP; where ours are wider, `docs/decisions.md` says why. */
export function judge(answer: Answer, now: number): Verdict {
  if (answer.kind === 'aborted') return { kind: 'aborted' };
  if (answer.kind === 'failed') return judgeFailure(answer.reason, answer.code);
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer);
  const detail = `answered ${status}`;
  const retryable = RETRYABLE.get(status);
  if (retryable !== undefined) {
    const wait = retryAfterMillis(answer.retryAfter, now);
    return { kind: 'retry', reason: retryable, detail, ...(wait === undefined ? {} : { retryAfterMillis: wait }) };
  }
  if (status >= 300 && status < 400) return judgeRedirect(answer.location, detail);
  if (status === 413) return { kind: 'too_large', status, detail };
  if (ABOUT_THE_DATA.has(status) || status >= 500) {
    const message = answer.body === undefined ? undefined : readRefusal(answer.body, answer.contentType);
    return { kind: 'refused', status, detail, ...(message === undefined ? {} : { message }) };
  }
  // The body stays unread: answers about credentials may repeat them.
  return { kind: 'blocked', detail, hint: CONFIGURATION_HINTS.get(status) ?? OTHER_HINT };
}

function judgeFailure(reason: 'timeout' | 'unreachable' | 'disconnected', code: string): Verdict {
  const words = {
    timeout: 'no answer in time',
    unreachable: `no connection (${code})`,
    disconnected: `lost the connection before the answer was complete (${code})`,
  };
  return { kind: 'retry', reason, detail: words[reason] };
}

function judgeSuccess(answer: Answer & { kind: 'answered' }): Verdict {
  if (answer.body === undefined) return { kind: 'delivered', rejected: 0, unreadable: 'too_large' };
  const reading = readPartialSuccess(answer.body, answer.contentType);
  return reading === undefined
    ? { kind: 'delivered', rejected: 0, unreadable: 'nonsense' }
    : { kind: 'delivered', ...reading };
}

/** Never followed: headers hold credentials, and a POST may come out as a GET. */
function judgeRedirect(location: string | undefined, detail: string): Verdict {
  const origin = location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined;
  const target = origin === undefined || origin === 'null' ? 'another path' : origin;
  return {
    kind: 'blocked',
    detail: `${detail}, a redirect to ${target}`,
    hint: 'redirects are never followed; set the endpoint to where it leads if you trust that place',
  };
}
