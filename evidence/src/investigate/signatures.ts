import type { Outcome } from '../model/outcome.ts';
import type { RequestResult } from './model.ts';

/**
 * What sorts of trouble a changed value can bring about; finer than outcomes where an outage of a provider and a wrong
 * configuration look alike, coarser than the gateway's classes where they do not.
 */
export const FAMILIES = [
  'provider_auth',
  /** 5xx of the provider, and streams that broke off. */
  'provider_status',
  /** 400, 404, 422 … of the provider: it is up and does not want this request. */
  'provider_refusal',
  /** 429 of the provider. */
  'provider_limit',
  'provider_timeout',
  'transport',
  'decode',
  'gateway_config',
  'routing',
  'not_found',
  'invalid_request',
  'forbidden',
  'caller_auth',
  'rate_limited',
  'budget',
  'guardrail',
  'other',
] as const;
export type FailureFamily = (typeof FAMILIES)[number];
/** With the effects that are no failures. */
export type Family = FailureFamily | 'slow' | 'vanished' | 'target_mix';

/** What a provider's outage looks like by itself. */
export const OUTAGE_FAMILIES: ReadonlySet<Family> = new Set<Family>([
  'provider_status',
  'provider_limit',
  'provider_timeout',
  'transport',
  'decode',
  'slow',
  'target_mix',
  'routing',
]);

/** What callers bring about themselves. */
export const CALLER_FAMILIES: ReadonlySet<Family> = new Set<Family>([
  'not_found',
  'invalid_request',
  'forbidden',
  'caller_auth',
  'rate_limited',
  'budget',
  'guardrail',
  'provider_refusal',
]);

/** One way to fail: a class and a status. Never all failures together, which would mix a fault with an outage. */
export interface Signature {
  readonly key: string;
  readonly errorClass?: string;
  readonly status?: number;
  readonly outcome: Outcome;
  readonly family: FailureFamily;
  /** Reads "upstream_status 401". */
  readonly label: string;
}

interface Failure {
  readonly status?: number | undefined;
  readonly outcome: Outcome;
  readonly errorClass?: string | undefined;
}

/** 499 says that the caller left: as often the end of a slow answer as of patience. */
const NO_FAILURE: ReadonlySet<Outcome> = new Set<Outcome>(['success', 'client_closed']);

export function isFailure({ outcome }: Failure): boolean {
  return !NO_FAILURE.has(outcome);
}

function providerFamily({ status, errorClass = '' }: Failure): FailureFamily {
  if (errorClass.startsWith('transport')) return 'transport';
  if (errorClass.startsWith('upstream_decode')) return 'decode';
  if (status === 429) return 'provider_limit';
  if (status !== undefined && status >= 400 && status < 500) return 'provider_refusal';
  return 'provider_status';
}

export function familyOf(failure: Failure): FailureFamily {
  switch (failure.outcome) {
    case 'provider_error':
      return providerFamily(failure);
    case 'routing_exhausted':
      return 'routing';
    case 'guardrail_blocked':
      return 'guardrail';
    case 'provider_auth':
    case 'provider_timeout':
    case 'gateway_config':
    case 'not_found':
    case 'invalid_request':
    case 'forbidden':
    case 'caller_auth':
    case 'rate_limited':
    case 'budget':
      return failure.outcome;
    case 'success':
    case 'client_closed':
    case 'unknown':
      return 'other';
  }
}

function signatureOf(failure: Failure): Signature {
  const { status, outcome, errorClass } = failure;
  const name = errorClass === undefined || errorClass === '' ? outcome : errorClass;
  return {
    key: `${name} ${status}`,
    ...(errorClass !== undefined && { errorClass }),
    ...(status !== undefined && { status }),
    outcome,
    family: familyOf(failure),
    label: status === undefined ? name : `${name} ${status}`,
  };
}

/** Signatures of every result: how requests ended, and how their attempts did. */
export interface SignatureTable {
  readonly signatures: readonly Signature[];
  /** By result: signature of the end, or -1. */
  readonly ended: Int16Array;
  /** By result: signatures of failed attempts, each once. */
  readonly tried: readonly (readonly number[])[];
  /** By result: the signature of each attempt in its order, or -1. */
  readonly ofAttempts: readonly (readonly number[])[];
}

export function tabulateSignatures(results: readonly RequestResult[]): SignatureTable {
  const signatures: Signature[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (failure: Failure): number => {
    if (!isFailure(failure)) return -1;
    const signature = signatureOf(failure);
    const known = numbers.get(signature.key);
    if (known !== undefined) return known;
    numbers.set(signature.key, signatures.length);
    return signatures.push(signature) - 1;
  };
  const ended = Int16Array.from(results, numberOf);
  const ofAttempts = results.map(({ attempts }) => attempts.map(numberOf));
  const tried = ofAttempts.map((numbers) => [...new Set(numbers)].filter((number) => number >= 0));
  return { signatures, ended, tried, ofAttempts };
}
