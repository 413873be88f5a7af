import { isPlausible, parseRfc3339 } from './eventTime.ts';
import { MAX_ATTEMPT_INDEX, MAX_REQUEST_ID_LENGTH } from './limits.ts';
import type { RefusalCode } from './refusals.ts';
import { isWithin } from './text.ts';

/** Why a report cannot be taken: a code and a sentence that names the field and what was expected. */
export interface Fault {
  readonly code: RefusalCode;
  readonly message: string;
}

export const FAULTS = {
  duplicateKey: { code: 'duplicate_key', message: 'expected each key of an object once' },
  notAnObject: { code: 'not_an_object', message: 'expected a JSON object' },
  schemaVersion: { code: 'unsupported_schema_version', message: 'schema_version: expected major version 1' },
  requestId: {
    code: 'invalid_request_id',
    message: 'request_id: expected 1 to 256 printable ASCII characters (0x21 to 0x7E)',
  },
  occurredAt: { code: 'invalid_occurred_at', message: 'occurred_at: expected an RFC 3339 time' },
  occurredAtRange: {
    code: 'time_out_of_range',
    message: 'occurred_at: expected a time from 2020 on and at most 24 hours ahead of this server',
  },
  attemptIndex: { code: 'invalid_attempt_index', message: 'attempt_index: expected a whole number from 0 to 999' },
  statusCode: { code: 'invalid_status_code', message: 'status_code: expected a whole number from 100 to 599' },
  spanTraceId: { code: 'invalid_trace_id', message: 'traceId: expected 32 hex digits, not all zeros' },
  spanId: { code: 'invalid_span_id', message: 'spanId: expected 16 hex digits, not all zeros' },
  spanKind: { code: 'unsupported_span_kind', message: 'kind: expected 2 (SERVER) or 3 (CLIENT)' },
  spanTime: {
    code: 'invalid_span_time',
    message: 'startTimeUnixNano, endTimeUnixNano: expected nanoseconds since 1970, the end not before the start',
  },
  spanTimeRange: {
    code: 'time_out_of_range',
    message:
      'startTimeUnixNano, endTimeUnixNano: expected times from 2020 on and at most 24 hours ahead of this server',
  },
  spanRequestId: {
    code: 'invalid_request_id',
    message: 'attribute aisix.request_id: expected 1 to 256 printable ASCII characters (0x21 to 0x7E)',
  },
  spanAttemptIndex: {
    code: 'invalid_attempt_index',
    message: 'attribute aisix.attempt_index: expected a whole number from 0 to 999',
  },
  tooManySpans: { code: 'too_many_spans', message: 'expected at most 100,000 spans in one request' },
  traceId: { code: 'invalid_trace_id', message: 'trace_id: expected 32 lowercase hex digits, not all zeros' },
} as const satisfies Readonly<Record<string, Fault>>;

/** The same check as the gateway and its control plane make. */
export function isRequestId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_REQUEST_ID_LENGTH) return false;
  return isWithin(value, 0x21, 0x7e);
}

export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && isHexId(value, 32);
}

export function isSpanId(value: unknown): value is string {
  return typeof value === 'string' && isHexId(value, 16);
}

/** Lowercase hex of this length that is not all zeros. */
function isHexId(text: string, length: number): boolean {
  if (text.length !== length) return false;
  let zeros = true;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false;
    zeros &&= code === 0x30;
  }
  return !zeros;
}

export function isAttemptIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ATTEMPT_INDEX;
}

export function isStatusCode(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;
}

/** `"1.0"`, `"1"` and `1` are ours; absent is a feed that never writes it. */
export function isSupportedSchema(value: unknown): boolean {
  if (value === undefined || value === null || value === 1) return true;
  return typeof value === 'string' && value.length <= 16 && /^1(?:\.\d+)*$/.test(value);
}

/** Remembers the last time it parsed: the events of a batch share a handful of seconds. */
export class TimeReader {
  readonly #now: number;
  #text: unknown = undefined;
  #result: number | Fault = FAULTS.occurredAt;

  constructor(now: number) {
    this.#now = now;
  }

  /** Epoch milliseconds, or why not. */
  read(value: unknown): number | Fault {
    if (typeof value !== 'string') return FAULTS.occurredAt;
    if (value !== this.#text) {
      const millis = parseRfc3339(value);
      this.#text = value;
      if (millis === undefined) this.#result = FAULTS.occurredAt;
      else this.#result = isPlausible(millis, this.#now) ? millis : FAULTS.occurredAtRange;
    }
    return this.#result;
  }
}
