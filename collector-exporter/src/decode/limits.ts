/** What the gateway and its control plane enforce for request ids, so nothing valid is lost. */
export const MAX_REQUEST_ID_LENGTH = 256;

/** The gateway cuts its own error messages here. */
export const MAX_ERROR_MESSAGE_LENGTH = 2048;

/** Longest seen is 63; browsers stay below 512. */
export const MAX_USER_AGENT_LENGTH = 512;

/** The gateway's own cap for tags, and room for every name and id that it writes. */
export const MAX_LABEL_LENGTH = 256;

/** W3C trace context allows receivers to cut here. */
export const MAX_TRACE_STATE_LENGTH = 512;

/** The assembler waits for lower indices one by one; a real request has single digits. */
export const MAX_ATTEMPT_INDEX = 999;

/** Counts on the wire are unsigned 32-bit; a larger one is a broken writer. */
export const MAX_COUNT = 0xffff_ffff;

/** Seconds of audio and US dollars: above it a sum would lose precision. */
export const MAX_AMOUNT = 1e12;

/** Guardrail lists and entity counts: a deployment has a handful. */
export const MAX_LIST_ITEMS = 64;

/** Unknown fields of newer gateways, per event (design, "Decode"). */
export const MAX_EXTRA_KEYS = 32;
export const MAX_EXTRA_BYTES = 4096;
export const MAX_EXTRA_KEY_LENGTH = 64;
export const MAX_EXTRA_STRING_LENGTH = 512;
export const MAX_EXTRA_DEPTH = 4;
/** Values visited inside one unknown field: bounds the time that one event can take. */
export const MAX_EXTRA_NODES = 256;

/** AISIX did not exist before: an older time is a broken clock. */
export const EARLIEST_TIME = Date.UTC(2020, 0, 1);

/** Room for a gateway in the wrong time zone; further ahead is a broken clock. */
export const MAX_AHEAD_MILLIS = 24 * 3600 * 1000;

/** Refusals that a reply lists; the rest is counted. */
export const MAX_REFUSALS_LISTED = 1000;

/** Bad lines in one piece of NDJSON after which the rest is not looked at: each costs a thrown error. */
export const MAX_BAD_LINES = 10_000;

/** Ten times the largest event that a gateway can write with content switched on. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** A usage event nests 3 levels, an OTLP request 9. */
export const MAX_JSON_DEPTH = 64;

/** Texts below this cannot nest deep enough to matter, so only larger ones are looked through before parsing. */
export const DEPTH_CHECK_FROM = 64 * 1024;

/** The gateway posts at most 100 records of at most 3 spans. */
export const MAX_SPANS = 100_000;

/** The gateway writes at most some 30 attributes on a span. */
export const MAX_SPAN_ATTRIBUTES = 256;

/** Records of refused bytes that one decoding hands out; the first ones tell the story. */
export const MAX_REFUSED_RECORDS = 10;
export const MAX_REFUSED_FIRST_LINE = 256;
