import type { DirectModel } from './world.ts';

/** From when to when something is broken, in epoch milliseconds. */
interface Period {
  readonly from: number;
  readonly to: number;
}

/** Something that is wrong for a while and changes what requests of that time look like. */
export type Fault = Period &
  (
    | { readonly kind: 'provider_outage'; readonly provider: string }
    | { readonly kind: 'unreachable'; readonly provider: string }
    | { readonly kind: 'wrong_secret'; readonly provider: string }
    | { readonly kind: 'slow'; readonly provider: string; readonly factor: number }
    | { readonly kind: 'timeout'; readonly model: string; readonly afterMs: number }
    | { readonly kind: 'rate_limit'; readonly key: string; readonly share: number }
    | { readonly kind: 'guardrail'; readonly share: number }
    | { readonly kind: 'model_deleted'; readonly model: string }
    | { readonly kind: 'forbidden'; readonly key: string; readonly exceptModel: string }
  );

/** How a provider answers one try. */
export type Answer =
  | { readonly ok: true; readonly slowdown?: number }
  | {
      readonly ok: false;
      readonly status: number;
      readonly errorClass: string;
      readonly message: string;
      /** Fixed duration; otherwise like a short answer. */
      readonly afterMs?: number;
      /** The gateway tries again: the same target of a direct model, the next target of a routing group. */
      readonly again: boolean;
    };

export const ANSWERED: Answer = { ok: true };

export const PROVIDER_DOWN: Answer = {
  ok: false,
  status: 502,
  errorClass: 'upstream_status',
  message: 'upstream returned HTTP 500: The server had an error',
  again: true,
};

export const PROVIDER_UNREACHABLE: Answer = {
  ok: false,
  status: 502,
  errorClass: 'transport',
  message:
    'transport error: error sending request for url (http://127.0.0.1:9/v1/chat/completions): client error (Connect): tcp connect error: Connection refused (os error 111)',
  afterMs: 1,
  again: true,
};

export const PROVIDER_REFUSES_KEY: Answer = {
  ok: false,
  status: 401,
  errorClass: 'upstream_status',
  message: 'upstream returned HTTP 401: Incorrect API key provided',
  again: false,
};

export const TARGET_LIMITED: Answer = {
  ok: false,
  status: 429,
  errorClass: 'rate_limit_exceeded',
  message: "request limit exceeded (requests) (policy 'per-target-cap')",
  afterMs: 0,
  again: true,
};

export const timedOut = (afterMs: number): Answer => ({
  ok: false,
  status: 504,
  errorClass: 'timeout',
  message: `upstream request timed out after ${afterMs}ms`,
  afterMs,
  again: false,
});

/** The answer of a target at a time; the first fault that concerns it decides. */
export function answerOf(target: DirectModel, time: number, faults: readonly Fault[]): Answer {
  for (const fault of activeAt(time, faults)) {
    if ('provider' in fault && fault.provider === target.provider.label) {
      if (fault.kind === 'provider_outage') return PROVIDER_DOWN;
      if (fault.kind === 'unreachable') return PROVIDER_UNREACHABLE;
      if (fault.kind === 'wrong_secret') return PROVIDER_REFUSES_KEY;
      return { ok: true, slowdown: fault.factor };
    }
    if (fault.kind === 'timeout' && fault.model === target.name) return timedOut(fault.afterMs);
  }
  return ANSWERED;
}

export function activeAt(time: number, faults: readonly Fault[]): Fault[] {
  return faults.filter((fault) => fault.from <= time && time < fault.to);
}
