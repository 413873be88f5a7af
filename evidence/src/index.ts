export type { Catalogue, CatalogueEntry } from './model/catalogue.ts';
export type { ChangeAction, ChangedPath, ChangeState, ChangeTrust, ConfigChange } from './model/change.ts';
export { CHANGE_ACTIONS } from './model/change.ts';
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
