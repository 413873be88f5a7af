import { isPlausible, parseRfc3339 } from './eventTime.ts';
import { MAX_ATTEMPT_INDEX, MAX_REQUEST_ID_LENGTH } from './limits.ts';
import type { RefusalCode } from './refusals.ts';

/** Why a report cannot be taken: a code and a sentence that names the field and what was expected. */
export interface Fault {
  readonly code: RefusalCode;
  readonly message: string;
}

const REQUEST_ID = /^[\x21-\x7e]+$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

export const FAULTS = {
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
  traceId: { code: 'invalid_trace_id', message: 'trace_id: expected 32 lowercase hex digits, not all zeros' },
} as const satisfies Readonly<Record<string, Fault>>;

/** The same check as the gateway and its control plane make. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_REQUEST_ID_LENGTH && REQUEST_ID.test(value);
}

export function isTraceId(value: unknown): value is string {
  return typeof value === 'string' && TRACE_ID.test(value) && value !== NO_TRACE;
}

export function isSpanId(value: unknown): value is string {
  return typeof value === 'string' && SPAN_ID.test(value) && value !== NO_SPAN;
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
