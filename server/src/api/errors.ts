import type { ContentfulStatusCode } from 'hono/utils/http-status';

interface ErrorKind {
  readonly status: ContentfulStatusCode;
  readonly says: string;
}

/** Every refusal of the query API by its stable code. The documentation and the OpenAPI document are made of it. */
export const API_ERRORS = {
  body_invalid: { status: 400, says: 'the body is no JSON object' },
  content_type_invalid: { status: 415, says: 'the body is not sent as `application/json`' },
  body_too_large: { status: 413, says: 'the body has too many bytes or too many values' },
  key_unknown: { status: 400, says: 'the body has a key that the route does not know' },
  value_missing: { status: 400, says: 'a key that the route needs is not there' },
  value_invalid: { status: 400, says: 'a value has the wrong type or is none of those that are possible' },
  limit_exceeded: { status: 400, says: 'more rows, filters, values or characters than one query may have' },
  range_reversed: { status: 400, says: '`from` is not before `to`' },
  range_too_long: { status: 400, says: 'the range is longer than one query may have' },
  time_not_millis: { status: 400, says: 'a time is in seconds, microseconds or nanoseconds' },
  field_unknown: { status: 400, says: 'there is no such field' },
  field_hidden: { status: 403, says: 'the reader may not see the field' },
  field_hashed: { status: 403, says: 'the reader sees hashes of the field, which can only be compared as a whole' },
  field_not_groupable: { status: 400, says: 'the field has too many values to group by' },
  field_not_listable: { status: 400, says: 'the field has too many values for a list' },
  operator_not_applicable: { status: 400, says: 'the operator does not fit the type of the field' },
  regex_invalid: { status: 400, says: 'RE2 does not understand the regular expression' },
  query_invalid: { status: 400, says: 'the store does not take the query' },
  buckets_too_many: { status: 400, says: 'the interval is too short for the range' },
  points_too_many: { status: 400, says: 'buckets × groups × measures are more than one answer may hold' },
  cursor_invalid: { status: 400, says: 'the cursor is none of this server' },
  cursor_mismatch: { status: 400, says: 'the cursor belongs to another query' },
  requests_off: { status: 404, says: 'the configuration says `store: { driver: none }`' },
  changes_off: { status: 404, says: 'the configuration has no section `audit`' },
  change_unknown: { status: 404, says: 'there is no such change among those that the reader may see' },
  request_unknown: { status: 404, says: 'there is no such request among those that the reader may see' },
  environment_unknown: { status: 403, says: 'there is no such environment among those that the reader may see' },
  environment_none: { status: 403, says: 'the reader may see no environment at all' },
  too_many_queries: { status: 429, says: 'too many queries run and wait, or slow clients hold too many answers' },
  too_many_tails: { status: 429, says: 'too many live tails are open' },
  query_timeout: { status: 504, says: 'the query took longer than `limits.query_timeout`' },
  store_unavailable: { status: 503, says: 'the store does not answer' },
  stopping: { status: 503, says: 'the server is stopping' },
  method_not_allowed: { status: 405, says: 'the route takes another method' },
  not_found: { status: 404, says: 'there is no such route' },
  internal: { status: 500, says: 'a defect of the server; its log says more' },
} as const satisfies Record<string, ErrorKind>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** A refusal. The message says what was found and what was expected, and is safe to print. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ApiErrorCode, message: string, hint?: string, retryAfterSeconds?: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.hint = hint;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): ContentfulStatusCode {
    return API_ERRORS[this.code].status;
  }
}
