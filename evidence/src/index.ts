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
