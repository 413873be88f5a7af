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
export { EVENT_REFUSALS, type EventRefusalCode } from './adapt/adapted.ts';
export { MAX_BATCH_BYTES, MAX_BATCH_OBSERVATIONS } from './adapt/agentBatch.ts';
export type { AgentIdentity } from './adapt/agentObservation.ts';
export { AUDIT_EVENT_SCHEMA_ID, auditEventJsonSchema } from './adapt/auditEvent.ts';
export { MAX_AHEAD_MILLIS } from './adapt/eventTime.ts';
export type { FieldPath, PolledFields } from './adapt/fieldPath.ts';
export type { PolledShape } from './adapt/polled.ts';
export { type SnapshotDifference, snapshotDiff } from './adapt/snapshotDiff.ts';
export type { SourceEntry, SourceLook, SourceState, StaleEntry } from './adapt/sourceState.ts';
export type { SnapshotContext } from './adapt/tellResource.ts';
export type { Annotation, AnnotationDriver, Outcome, StoredAnnotation } from './deliver/annotationDriver.ts';
export { ANNOTATION_METRIC_HELP, ANNOTATION_METRICS } from './deliver/annotationMetrics.ts';
export { eventTag } from './deliver/annotationTags.ts';
export type { AnnotationDetail } from './deliver/annotationText.ts';
export type { Burst } from './deliver/bursts.ts';
export type {
  ChangeSource,
  GrafanaAnnotations,
  GrafanaAnnotationsOptions,
} from './deliver/grafanaAnnotations.ts';
export { createGrafanaAnnotations } from './deliver/grafanaAnnotations.ts';
export { AnnotationOptionsError, type GrafanaTarget } from './deliver/grafanaTarget.ts';
export type { LogAttributeEntry, LogAttributeName } from './deliver/logAttributes.ts';
export { LOG_ATTRIBUTE, LOG_ATTRIBUTE_TABLE, LOG_EVENT } from './deliver/logAttributes.ts';
export type { LogDestination, LogEvents, LogEventsOptions, LogProtocol } from './deliver/logEvents.ts';
export { createLogEvents, createLogSerializer } from './deliver/logEvents.ts';
export { type LogRecordSettings, type LogRow, logRecordsOf } from './deliver/logRecords.ts';
export type { LoggedLedger } from './deliver/logRows.ts';
export type { Marker } from './deliver/markerContent.ts';
export type { MarkerPlace, MarkerQuery } from './deliver/markerSearch.ts';
export type { OutputTest } from './deliver/outputTest.ts';
export type { TargetHealth, TargetState } from './deliver/targetHealth.ts';
export type { KnownName } from './ledger/catalogue.ts';
export type { ChainHead } from './ledger/chain.ts';
export type { ChangeField, ChangeFilterOperator } from './ledger/changeFields.ts';
export { CHANGE_FIELDS, CHANGE_FILTER_OPERATORS } from './ledger/changeFields.ts';
export type { ComputedVerdict } from './ledger/computedVerdicts.ts';
export type { FeedGap, GapQuery } from './ledger/gaps.ts';
export type { Ledger, LedgerOptions, VerdictInput } from './ledger/ledger.ts';
export { openLedger } from './ledger/ledger.ts';
export { LEDGER_METRIC_HELP, LEDGER_METRICS } from './ledger/metrics.ts';
export type { ChangeVersion, LedgerReader } from './ledger/reader.ts';
export type { ChangeFilter, ChangePage, ChangeQuery } from './ledger/search.ts';
export { ChangeQueryError, MAX_CHANGE_FILTERS, MAX_CHANGES_PER_PAGE, MAX_FILTER_VALUES } from './ledger/search.ts';
export type { ChainFault, VerifyResult } from './ledger/verify.ts';
export { verifyLedger } from './ledger/verify.ts';
export type { DerivedFault } from './ledger/verifyDerived.ts';
export type {
  ChangeObservation,
  FeedRef,
  GapObservation,
  InForceObservation,
  Observation,
  Observe,
  ObserveResult,
  PresentObservation,
  ResourceRef,
  StatusObservation,
} from './model/observation.ts';
export { type Agent, type AgentOptions, createAgent } from './receive/agent/agent.ts';
export {
  type AgentRoute,
  type AgentRouteOptions,
  type ConfiguredAgent,
  createAgentRoute,
  DATA_PLANE_HEADER,
  DEFAULT_AGENT_SILENT_AFTER_MILLIS,
} from './receive/agent/agentRoute.ts';
export type { AgentSenderHealth } from './receive/agent/agentSender.ts';
export { DEFAULT_SPOOL_BYTES } from './receive/agent/agentSpool.ts';
export { MAX_EVENT_DEPTH } from './receive/eventBody.ts';
export { AUDIT_METRICS } from './receive/feedJournal.ts';
export { AUDIT_HTTP_ERRORS, type AuditHttpErrorCode } from './receive/httpRefusal.ts';
export type { Memory } from './receive/jsonMemory.ts';
export {
  type AuditPoller,
  type AuditPollerHealth,
  type AuditPollerOptions,
  type AuditPollResult,
  createAuditPoller,
  DEFAULT_OVERLAP_MILLIS,
} from './receive/poll.ts';
export { AuditPollerOptionsError } from './receive/pollAddress.ts';
export { type AuditPollFault, POLL_FAULTS, type PollFaultCode } from './receive/pollFault.ts';
export { MAX_RESPONSE_BYTES } from './receive/pollFetch.ts';
export { MAX_PAGES_PER_POLL } from './receive/pollPages.ts';
export { type Paging, POLL_PRESETS, type PollSource, type TimeUnit } from './receive/pollSource.ts';
export { filePollState, type PollState, type PollStateStore } from './receive/pollState.ts';
export { SIGNATURE_TOLERANCE_SECONDS, WebhookSecretError } from './receive/signature.ts';
export {
  type CacheFileOptions,
  createCacheFileWatcher,
  MAX_CACHE_FILE_BYTES,
} from './receive/watch/cacheFile.ts';
export { createEtcdWatcher, type EtcdWatcherOptions } from './receive/watch/etcd.ts';
export { createEtcdClient } from './receive/watch/etcdClient.ts';
export { etcdMembers } from './receive/watch/etcdMembers.ts';
export {
  createResourcesFileWatcher,
  MAX_RESOURCES_FILE_BYTES,
  type ResourcesFileOptions,
} from './receive/watch/resourcesFile.ts';
export type { SourceFault } from './receive/watch/sourceFault.ts';
export type { WatchDeps, Watcher } from './receive/watch/sourceWatcher.ts';
export {
  createStatusWatcher,
  fileStatusMemory,
  type RememberedStatus,
  type StatusWatcherOptions,
} from './receive/watch/status.ts';
export type { WatcherHealth } from './receive/watch/watcherHealth.ts';
export {
  fileSilenceMemory,
  fileWatchMemory,
  type RememberedSilence,
  type RememberedSource,
  type WatchMemory,
} from './receive/watch/watchMemory.ts';
export { AGENT_METRICS, WATCH_METRICS } from './receive/watch/watchMetrics.ts';
export {
  type AuditWebhookOptions,
  auditWebhook,
  MAX_WEBHOOK_BYTES,
  MAX_WEBHOOK_EVENTS,
} from './receive/webhook.ts';
export { createKeyedHash, HASH_MARK, type KeyedHash } from './redact/keyedHash.ts';
export { ETCD_KINDS, type EtcdKind, KNOWN_KINDS, wireKind } from './redact/kinds.ts';
export { createRedactor, type RedactedResource, type Redactor, type RedactorOptions } from './redact/redactor.ts';
