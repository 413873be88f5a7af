/** Names of what this room reports through the `Recorder`; each is explained in `DESTINATION_METRIC_HELP`. */
export const DESTINATION_METRICS = {
  itemsDelivered: 'aisix_destination_items_delivered',
  itemsRejected: 'aisix_destination_items_rejected',
  itemsSetAside: 'aisix_destination_items_set_aside',
  rowsSetAside: 'aisix_destination_rows_set_aside',
  rowsSkipped: 'aisix_destination_rows_skipped',
  rowsMissed: 'aisix_destination_rows_missed',
  requestsRetried: 'aisix_destination_requests_retried',
  responsesUnreadable: 'aisix_destination_responses_unreadable',
  sendSeconds: 'aisix_destination_send_seconds',
  backlogBytes: 'aisix_destination_backlog_bytes',
  backlogSeconds: 'aisix_destination_backlog_seconds',
  state: 'aisix_destination_state',
  gaps: 'aisix_destination_gaps',
  setAsideDropped: 'aisix_set_aside_dropped',
  setAsideUnwritten: 'aisix_set_aside_unwritten',
} as const;

type DestinationMetric = (typeof DESTINATION_METRICS)[keyof typeof DESTINATION_METRICS];

/** What each metric says. All carry the label `destination`; "by reason" means a label `reason` of a small fixed set. */
export const DESTINATION_METRIC_HELP: Readonly<Record<DestinationMetric, string>> = {
  aisix_destination_items_delivered: 'Items that a destination took, without those that it named as rejected',
  aisix_destination_items_rejected: 'Items that a destination named as rejected in a partial success',
  aisix_destination_items_set_aside: 'Items that can never be delivered, by reason',
  aisix_destination_rows_set_aside: 'Rows of which something or all was kept in the set-aside file, by reason',
  aisix_destination_rows_skipped: 'Rows that were not meant for a destination, by reason',
  aisix_destination_rows_missed: 'Rows that a destination will not get unless they are resent, by reason',
  aisix_destination_requests_retried: 'Requests that were sent once more, by reason',
  aisix_destination_responses_unreadable: 'Answers of success that could not be read, by reason',
  aisix_destination_send_seconds: 'Time of one request to a destination until its answer was read',
  aisix_destination_backlog_bytes: 'Bytes of the stream that a destination has not settled',
  aisix_destination_backlog_seconds: 'Age of the oldest row that a destination has not settled',
  aisix_destination_state: 'State of a destination: 0 ok, 1 lagging, 2 retrying, 3 blocked until someone mends it',
  aisix_destination_gaps: 'Recorded gaps of a destination',
  aisix_set_aside_dropped: 'Rows dropped from the old end of a full set-aside file',
  aisix_set_aside_unwritten: 'Rows that could not be written to the set-aside file',
};
