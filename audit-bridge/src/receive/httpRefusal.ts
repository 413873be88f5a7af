/** Codes of refused requests to the audit routes, with their HTTP status. Stable. */
export const AUDIT_HTTP_ERRORS = {
  signature_missing: 401,
  signature_stale: 401,
  signature_invalid: 401,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  body_too_large: 413,
  body_incomplete: 400,
  too_many_events: 413,
  invalid_utf8: 400,
  invalid_json: 400,
  nothing_usable: 400,
  not_a_batch: 400,
  unsupported_version: 400,
  forbidden_data_plane: 403,
  conflict: 409,
  ledger_unavailable: 503,
} as const;

export type AuditHttpErrorCode = keyof typeof AUDIT_HTTP_ERRORS;

/** Ends a request with an error reply; `message` and `hint` never quote what the sender wrote. */
export class HttpRefusal extends Error {
  readonly code: AuditHttpErrorCode;
  readonly hint: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: AuditHttpErrorCode,
    message: string,
    hint?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'HttpRefusal';
    this.code = code;
    this.hint = hint;
    this.headers = headers;
  }

  reply(): Response {
    const { code, message, hint, headers } = this;
    const error = { code, message, ...(hint === undefined ? {} : { hint }) };
    return Response.json({ error }, { status: AUDIT_HTTP_ERRORS[code], headers });
  }
}
