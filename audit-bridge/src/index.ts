// The bridge itself is not in this version; these are the words in which it will speak.
export type {
  Catalogue,
  CatalogueEntry,
  ChangeAction,
  ChangedPath,
  ChangeState,
  ChangeTrust,
  ConfigChange,
} from '@aisix-observability/evidence';
export { CHANGE_ACTIONS } from '@aisix-observability/evidence';
export type { Annotation, AnnotationDriver, Outcome, StoredAnnotation } from './deliver/annotationDriver.ts';
export { ANNOTATION_METRIC_HELP, ANNOTATION_METRICS } from './deliver/annotationMetrics.ts';
export { eventTag } from './deliver/annotationTags.ts';
export type { TargetHealth, TargetState } from './deliver/annotationTarget.ts';
export type { AnnotationDetail } from './deliver/annotationText.ts';
export type { Burst } from './deliver/bursts.ts';
export type {
  ChangeSource,
  GrafanaAnnotations,
  GrafanaAnnotationsOptions,
  GrafanaTarget,
} from './deliver/grafanaAnnotations.ts';
export { AnnotationOptionsError, createGrafanaAnnotations } from './deliver/grafanaAnnotations.ts';
export type { LogAttributeEntry, LogAttributeName } from './deliver/logAttributes.ts';
export { LOG_ATTRIBUTE, LOG_ATTRIBUTE_TABLE, LOG_EVENT } from './deliver/logAttributes.ts';
export type { LogDestination, LogEvents, LogEventsOptions, LogProtocol } from './deliver/logEvents.ts';
export { createLogEvents, createLogSerializer } from './deliver/logEvents.ts';
export { type LogRecordSettings, type LogRow, logRecordsOf } from './deliver/logRecords.ts';
export type { LoggedLedger } from './deliver/logRows.ts';
export type { KnownName } from './ledger/catalogue.ts';
export type { ChainHead } from './ledger/chain.ts';
export type { ChangeField, ChangeFilterOperator } from './ledger/changeFields.ts';
export { CHANGE_FIELDS, CHANGE_FILTER_OPERATORS } from './ledger/changeFields.ts';
export type { FeedGap, GapQuery } from './ledger/gaps.ts';
export type { Ledger, LedgerOptions, VerdictInput } from './ledger/ledger.ts';
export { openLedger } from './ledger/ledger.ts';
export { LEDGER_METRIC_HELP, LEDGER_METRICS } from './ledger/metrics.ts';
export type { ChangeVersion, LedgerReader } from './ledger/reader.ts';
export type { ChangeFilter, ChangePage, ChangeQuery } from './ledger/search.ts';
export { ChangeQueryError, MAX_CHANGE_FILTERS, MAX_CHANGES_PER_PAGE, MAX_FILTER_VALUES } from './ledger/search.ts';
export type { ChainFault, VerifyResult } from './ledger/verify.ts';
export { verifyLedger } from './ledger/verify.ts';
export type { ChangeObservation, Observation } from './model/observation.ts';
