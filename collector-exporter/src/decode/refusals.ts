/**
 * Every reason for which a report, a span, a line or a whole body is refused, with what it means for whoever reads a
 * counter or an error reply. Codes are stable: dashboards and alerts name them.
 */
export const REFUSAL_CODES = {
  not_an_object: 'an event or span is not a JSON object',
  duplicate_key: 'an object names a key twice: parsers differ in which value they take, so neither is trusted',
  unsupported_schema_version: 'the major version of `schema_version` is not 1, so its fields may mean something else',
  invalid_request_id: 'missing, longer than 256 bytes, or with a character outside 0x21 to 0x7E: reports group by it',
  invalid_occurred_at: 'missing or not an RFC 3339 time: an event without a time cannot be placed',
  time_out_of_range: 'before 2020 or more than 24 hours ahead of this server: a broken clock would spoil the timeline',
  invalid_attempt_index: 'not a whole number from 0 to 999: attempts are told apart by it',
  invalid_status_code: 'not a whole number from 100 to 599: the outcome follows from it',
  invalid_trace_id: 'not 32 hex digits, or all zeros: it is part of the identity of a request',
  invalid_span_id: 'not 16 hex digits, or all zeros: a span is identified by it',
  invalid_span_time: 'start or end is missing or not a count of nanoseconds, or the end lies before the start',
  unsupported_span_kind: 'neither SERVER (2) nor CLIENT (3): the gateway writes no other spans',
  foreign_scope: 'spans of another program: taking them would make a loop with what this server sends itself',
  too_many_spans: 'more than 100,000 spans in one request',
  invalid_json: 'bytes that are not JSON',
  invalid_utf8: 'bytes that are not UTF-8',
  invalid_protobuf: 'bytes that are not an OTLP trace request',
  too_deep: 'nested deeper than 64 levels: no gateway writes that, and it costs memory',
  line_too_long: 'one line of more than 16 MiB',
  too_many_refusals:
    'after 10,000 bad lines in one piece the rest is not looked at: it is not the gateway that wrote it',
  invalid_gzip: 'bytes that are not gzip, cut short, or inflating beyond the limit',
  not_a_batch: 'the body is not an object with a list of `events`, or not an OTLP trace request',
} as const;

export type RefusalCode = keyof typeof REFUSAL_CODES;

/** Codes with the sentence that explains them, for generated documentation. */
export const REFUSAL_CODE_NAMES = Object.keys(REFUSAL_CODES) as readonly RefusalCode[];
