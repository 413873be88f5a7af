/** Files of the audit bridge in the data directory; what watchers remember lies in `watch/` beside them. */
export const LEDGER_FILE = 'changes.db';
export const MARKERS_FILE = 'markers.db';
export const LOG_EVENTS_FILE = 'log-events.db';
