/** Codes of refused requests on the OTLP and telemetry routes, with their HTTP status. Stable. */
export const HTTP_ERRORS = {
  unauthorized: 401,
  forbidden_environment: 403,
  unknown_environment: 403,
  environment_required: 400,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  body_too_large: 413,
  inflated_too_large: 413,
  body_incomplete: 400,
  invalid_gzip: 400,
  invalid_utf8: 400,
  invalid_json: 400,
  invalid_protobuf: 400,
  too_deep: 400,
  not_a_batch: 400,
  nothing_usable: 400,
  stream_full: 503,
  stream_unavailable: 503,
} as const;

export type HttpErrorCode = keyof typeof HTTP_ERRORS;

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
    return HTTP_ERRORS[this.code];
  }

  /** Headers of the reply beside its content type. */
  headers(): Headers {
    const headers = new Headers();
    if (this.retryAfterSeconds !== undefined) headers.set('retry-after', String(this.retryAfterSeconds));
    if (this.code === 'unauthorized') headers.set('www-authenticate', 'Bearer');
    return headers;
  }
}
