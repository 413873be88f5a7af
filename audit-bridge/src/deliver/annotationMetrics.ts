/** What is counted of annotations; all carry the label `target` but for the last two. */
export const ANNOTATION_METRICS = {
  created: 'aisix_annotations_created',
  updated: 'aisix_annotations_updated',
  deleted: 'aisix_annotations_deleted',
  adopted: 'aisix_annotations_adopted',
  surplus_deleted: 'aisix_annotations_surplus_deleted',
  not_stored_as_sent: 'aisix_annotations_not_stored_as_sent',
  refused: 'aisix_annotations_refused',
  retried: 'aisix_annotations_retried',
  waiting: 'aisix_annotations_waiting',
  waitingSeconds: 'aisix_annotations_waiting_seconds',
  state: 'aisix_annotations_state',
  tooOld: 'aisix_annotations_changes_too_old',
  versionsTaken: 'aisix_annotations_versions_taken',
} as const;

export const ANNOTATION_METRIC_HELP: Readonly<Record<string, string>> = {
  [ANNOTATION_METRICS.created]: 'Annotations created',
  [ANNOTATION_METRICS.updated]: 'Annotations written again because their marker changed',
  [ANNOTATION_METRICS.deleted]:
    'Annotations deleted by retention, because their changes became part of another marker, or because the organization may not see their environment any more',
  [ANNOTATION_METRICS.adopted]: 'Annotations found by their tag after an answer was lost',
  [ANNOTATION_METRICS.surplus_deleted]: 'Second annotations of one marker that were deleted again',
  [ANNOTATION_METRICS.not_stored_as_sent]: 'Annotations that read back otherwise than they were written',
  [ANNOTATION_METRICS.refused]: 'Markers that a target refuses to store',
  [ANNOTATION_METRICS.retried]: 'Requests that failed and are tried again',
  [ANNOTATION_METRICS.waiting]: 'Markers that are not yet at a target as they are',
  [ANNOTATION_METRICS.waitingSeconds]: 'Since when the oldest of them waits',
  [ANNOTATION_METRICS.state]: 'State of a target: 0 ok, 1 probing, 2 retrying, 3 blocked until someone mends it',
  [ANNOTATION_METRICS.tooOld]: 'Changes that are not drawn because retention of annotations came first',
  [ANNOTATION_METRICS.versionsTaken]: 'Versions of changes that were taken to be drawn',
};
