export { configHistory } from './investigate/configHistory.ts';
export { AUDIT_CLOCK_AHEAD_MS, LOOKBACK_MS } from './investigate/earlierChanges.ts';
export { type ExplainInput, explainRequest } from './investigate/explain.ts';
export type {
  ConfigurationBasis,
  EarlierChange,
  EvidenceLine,
  ExplainedAttempt,
  FeedSilence,
  RequestExplanation,
  Standing,
  TouchedResource,
  Unknown,
} from './investigate/explanation.ts';
export * from './investigate/index.ts';
export { OUTCOME_CLASSES, type OutcomeClass } from './investigate/outcomeClass.ts';
export type { Catalogue, CatalogueEntry, DataPlaneState, ResourceVersion } from './model/catalogue.ts';
export type {
  ChangeAction,
  ChangedPath,
  ChangeState,
  ChangeTrust,
  ChangeVerdict,
  ConfigChange,
  HumanVerdictValue,
} from './model/change.ts';
export { CHANGE_ACTIONS, HUMAN_VERDICTS } from './model/change.ts';
export type { KeyedHash } from './model/keyedHash.ts';
export { createKeyedHash } from './model/keyedHash.ts';
export type { Outcome, OutcomeFacts, OutcomeSeverity } from './model/outcome.ts';
export { OUTCOMES, outcomeOf, severityOf } from './model/outcome.ts';
export type {
  Attempt,
  AttemptKind,
  Feed,
  GatewayRequest,
  RequestState,
  Timing,
  Tokens,
} from './model/request.ts';
export { namesSecret, withoutSecrets } from './model/secrets.ts';
export type {
  FieldScope,
  FieldSpec,
  FieldType,
  FilterOperator,
  PersonalField,
  RequestField,
} from './store/fields.ts';
export { FILTER_OPERATORS, OPERATORS_OF_TYPE, REQUEST_FIELDS } from './store/fields.ts';
export type {
  ChangedPage,
  ChangedQuery,
  FilterValue,
  GetQuery,
  GroupLimit,
  Measure,
  MetricsQuery,
  QueryStats,
  ReadScope,
  RequestFilter,
  RequestPage,
  RequestSelection,
  SearchOrder,
  SearchPlace,
  SearchQuery,
  Series,
  SeriesAnswer,
  ValuesAnswer,
  ValuesQuery,
  Visibility,
  VolumeQuery,
  WindowPage,
  WindowQuery,
} from './store/query.ts';
export { MAX_BUCKETS, MAX_GET, MEASURES } from './store/query.ts';
export type {
  EvidenceStore,
  ReadPage,
  ReadRange,
  RequestVersion,
  ResourceName,
  StoreQueryErrorCode,
  StoreStats,
} from './store/store.ts';
export { STORE_QUERY_ERRORS, StoreQueryError, StoreUnavailableError } from './store/store.ts';
