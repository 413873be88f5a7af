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
export { AUDIT_EVENT_SCHEMA_ID, auditEventJsonSchema } from './adapt/auditEvent.ts';
export { MAX_AHEAD_MILLIS } from './adapt/eventTime.ts';
export type { FieldPath, PolledFields } from './adapt/fieldPath.ts';
export type { PolledShape } from './adapt/polled.ts';
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
export { MAX_EVENT_DEPTH } from './receive/eventBody.ts';
export { AUDIT_METRICS } from './receive/feedJournal.ts';
export { AUDIT_HTTP_ERRORS, type AuditHttpErrorCode } from './receive/httpRefusal.ts';
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
export type { PollState, PollStateStore } from './receive/pollState.ts';
export { SIGNATURE_TOLERANCE_SECONDS, WebhookSecretError } from './receive/signature.ts';
export {
  type AuditWebhookOptions,
  auditWebhook,
  MAX_WEBHOOK_BYTES,
  MAX_WEBHOOK_EVENTS,
} from './receive/webhook.ts';
export { createKeyedHash, HASH_MARK, type KeyedHash } from './redact/keyedHash.ts';
export { ETCD_KINDS, type EtcdKind, KNOWN_KINDS, wireKind } from './redact/kinds.ts';
export { createRedactor, type RedactedResource, type Redactor, type RedactorOptions } from './redact/redactor.ts';
