import type { RetryOptions } from '@aisix-observability/pipeline';

/** Markers under way to one Grafana: it inserts one by one, with an upsert for each tag, and has no limit of its own. */
export const IN_FLIGHT = 3;

/** Of one request, from connecting to the last byte of the answer. */
export const REQUEST_TIMEOUT_MILLIS = 10_000;

/** Of an answer; a search by tag gives few annotations of a few hundred bytes each. */
export const RESPONSE_BYTES = 1024 * 1024;

/** A growing burst is drawn again at most so often: a script that makes 1,000 changes is not 1,000 requests. */
export const REDRAW_MILLIS = 500;

/**
 * After a request whose answer was lost the marker is looked at once more so much later, because the request may still
 * have been on its way: what it then left behind is taken away.
 */
export const RECHECK_MILLIS = 60_000;

/** What a new target is shown of the past: enough for the page that is open, not a year at once. */
export const HISTORY_MILLIS = 24 * 3_600_000;

/** Versions of changes taken in one transaction. */
export const PAGE_VERSIONS = 200;

/** Looks at the ledger and at what is due even if nobody called. */
export const POLL_MILLIS = 1_000;

/** Steps (reads, writes, searches) for one marker in one go; more means that somebody else writes to it, too. */
export const MAX_STEPS = 12;

/** Annotations of one tag that are taken away in one go. */
export const SEARCH_LIMIT = 100;

/** Markers that retention withdraws in one transaction. */
export const RETENTION_PAGE = 500;

/** Changes of a marker that its text may tell of. */
export const MARKER_CHANGES = 20;

export const ANNOTATION_RETRY: RetryOptions = { initialMillis: 500, maxMillis: 30_000, factor: 2, jitter: 0.5 };
