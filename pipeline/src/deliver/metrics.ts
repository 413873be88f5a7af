/** What this room reports through the `Recorder`. Every metric carries the label `destination`. */
export const DESTINATION_METRICS = {
  /** Counter: items in requests that the backend accepted, without those it said it rejected. */
  itemsDelivered: 'aisix_destination_items_delivered',
  /** Counter: items named as rejected in a partial success. */
  itemsRejected: 'aisix_destination_items_rejected',
  /** Counter, label `reason`: items that were set aside. */
  itemsSetAside: 'aisix_destination_items_set_aside',
  /** Counter, label `reason`: rows of which something, or all, was set aside. */
  rowsSetAside: 'aisix_destination_rows_set_aside',
  /** Counter, label `reason`: rows that were not meant for this destination. */
  rowsSkipped: 'aisix_destination_rows_skipped',
  /** Counter, label `reason`: requests sent once more. */
  requestsRetried: 'aisix_destination_requests_retried',
  /** Counter, label `reason`: answers of success that could not be read. */
  responsesUnreadable: 'aisix_destination_responses_unreadable',
  /** Counter, label `reason`: rows that this destination will not get unless they are sent again on demand. */
  rowsMissed: 'aisix_destination_rows_missed',
  /** Histogram, seconds: one request from the first byte sent to the answer read. */
  sendSeconds: 'aisix_destination_send_seconds',
  /** Gauge: bytes of the stream that are not settled. */
  backlogBytes: 'aisix_destination_backlog_bytes',
  /** Gauge, seconds: age of the oldest row that is not settled. */
  backlogSeconds: 'aisix_destination_backlog_seconds',
  /** Gauge: 0 ok, 1 lagging, 2 retrying, 3 blocked. */
  state: 'aisix_destination_state',
  /** Gauge: recorded gaps. */
  gaps: 'aisix_destination_gaps',
  /** Counter: rows dropped from the old end of a full set-aside file. */
  setAsideDropped: 'aisix_set_aside_dropped',
  /** Counter: rows that could not be written to the set-aside file. */
  setAsideUnwritten: 'aisix_set_aside_unwritten',
} as const;
