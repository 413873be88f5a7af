import type { RefusalCode } from '../decode/refusals.ts';

/** Codes of refused requests on the OTLP and telemetry routes, with their HTTP status and what they mean. Stable. */
export const HTTP_ERRORS = {
  unauthorized: { status: 401, says: 'no token of this input, or no client certificate with both names' },
  forbidden_environment: {
    status: 403,
    says: '`x-aisix-environment` is not an environment of the token or certificate',
  },
  unknown_environment: { status: 403, says: 'the environment of the client certificate is not configured' },
  environment_required: {
    status: 400,
    says: 'the token has several environments and `x-aisix-environment` names none of them',
  },
  unsupported_media_type: { status: 415, says: '`/v1/traces` takes JSON and protobuf' },
  unsupported_encoding: { status: 415, says: '`content-encoding` is neither gzip nor none' },
  body_too_large: { status: 413, says: 'more bytes than the limit as sent (32 MiB of OTLP, 16 MiB of telemetry)' },
  inflated_too_large: {
    status: 413,
    says: 'more bytes than the limit after inflating (64 MiB of OTLP, 32 MiB of telemetry); inflating stopped there',
  },
  body_incomplete: { status: 400, says: 'the sender went away before the end of the body' },
  invalid_gzip: { status: 400, says: 'the body is not gzip, or cut short' },
  invalid_utf8: { status: 400, says: 'the body is not UTF-8' },
  invalid_json: { status: 400, says: 'the body is not JSON (`NaN` and `Infinity` are none)' },
  invalid_protobuf: { status: 400, says: 'the body is not an OTLP trace request' },
  duplicate_key: { status: 400, says: 'the body names a key twice outside of an event or span' },
  too_deep: { status: 400, says: 'the body nests deeper than 64 levels' },
  not_a_batch: { status: 400, says: 'JSON, but no object with a list of `events`, or no OTLP trace request' },
  nothing_usable: { status: 400, says: 'every event was refused; `rejected` says why' },
  stream_full: { status: 503, says: 'the stream holds its bound; come again after `Retry-After`' },
  stream_unavailable: { status: 503, says: 'the disk does not take it; come again after `Retry-After`' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly says: string }>>;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** Codes of bodies that arrived whole and cannot be read: something is kept to recognise them by. */
const UNREADABLE = {
  invalid_utf8: true,
  invalid_json: true,
  invalid_protobuf: true,
  duplicate_key: true,
  too_deep: true,
  not_a_batch: true,
} as const satisfies Partial<Readonly<Record<HttpErrorCode & RefusalCode, true>>>;

export function isUnreadable(code: HttpErrorCode): code is keyof typeof UNREADABLE {
  return Object.hasOwn(UNREADABLE, code);
}

/** Ends a request with an error reply; `message` never quotes what the sender wrote. */
export class HttpError extends Error {
  readonly code: HttpErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HttpErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return HTTP_ERRORS[this.code].status;
  }

  /** Headers of the reply beside its content type. */
  headers(): Headers {
    const headers = new Headers();
    if (this.retryAfterSeconds !== undefined) headers.set('retry-after', String(this.retryAfterSeconds));
    if (this.code === 'unauthorized') headers.set('www-authenticate', 'Bearer');
    return headers;
  }
}
