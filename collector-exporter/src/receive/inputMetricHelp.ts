/**
 * What each metric of the inputs says. `input` is one of the five inputs; `code` is one of the error codes of the
 * documentation, `field` and `kind` are names of known fields and kinds of secret.
 */
export const INPUT_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_deliveries_accepted: 'Deliveries that were answered with success, by input; empty ones are among them',
  aisix_deliveries_refused: 'Deliveries of which nothing was stored, by input and code',
  aisix_reports_accepted: 'Usage events and spans that were acknowledged, by input',
  aisix_reports_refused:
    'Usage events, spans and lines that were refused beside valid ones or with them, by input and code',
  aisix_received_bytes: 'Bytes of bodies as they were sent, before inflating, by input',
  aisix_heartbeats: 'Heartbeats of data planes that take this server for their control plane',
  aisix_fields_dropped: 'Fields that were left out because their value is of a wrong type or range, by input and field',
  aisix_fields_cut: 'Texts that were cut to their limit, by input and field',
  aisix_content_dropped: 'Fields with prompts or answers that were dropped before the disk, by input and field',
  aisix_secrets_redacted: 'Secrets that were masked in free texts before the disk, by input and kind',
};

/** What each metric of the bucket follower says; all carry the label `environment`. */
export const FOLLOWER_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_follow_polls: 'Looks at a followed bucket, by result: `ok`, or the code of what is wrong',
  aisix_follow_list_requests: 'Listing requests that were sent to the store',
  aisix_follow_objects:
    'Objects, by result: `taken`, `set_aside`, `ignored` (no NDJSON by name), `old` (before `since`), `gone` (deleted meanwhile), `failed` (tried again)',
  aisix_follow_set_aside: 'Objects that can never be taken, by reason; `status` lists the latest',
  aisix_follow_late_objects: 'Objects that appeared in an hour that was finished',
  aisix_follow_object_age: 'Time from the modification of an object to its being durable here',
  aisix_follow_partitions_read_again: 'Finished hours whose listing no longer fits what was remembered of them',
  aisix_follow_remembered_objects: 'Objects whose keys are remembered one by one',
  aisix_follow_pauses: 'Waits because this server could not store an object, by reason',
};

/** What each metric of `backfill` says. */
export const ARCHIVE_METRIC_HELP: Readonly<Record<string, string>> = {
  aisix_archive_files: 'Files of archives that were read to their end and are durable',
  aisix_archive_files_damaged:
    'Files of archives that could not be read to their end, by reason; lines before that were kept',
  aisix_archive_pauses: 'Waits because a delivery of an archive could not be stored, by reason',
};
