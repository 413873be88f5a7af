const DAY = 24 * 60 * 60 * 1000;

/** Limits of the server (`docs/api.md`), known here so that a query is cut with a notice and not refused. */
export const SERVER_LIMITS = {
  rows: 1000,
  rangeMillis: 92 * DAY,
  filters: 32,
  filterValues: 200,
  textCharacters: 256,
  buckets: 11_000,
  topN: 50,
  listedValues: 1000,
} as const;

/** Rows of a new query: what somebody scrolls through, and a tenth of a second to fetch and draw. */
export const DEFAULT_ROWS = 500;

/** Groups told apart by default: more lines than a person can tell by colour say nothing. */
export const DEFAULT_GROUPS = 10;

/** Markers of one answer: Grafana 12 draws thousands of them so slowly that the page stands still. */
export const DEFAULT_MARKERS = 500;

/** Environments that one query names; each is asked for on its own where the server takes only one. */
export const MAX_ENVIRONMENTS = 16;
