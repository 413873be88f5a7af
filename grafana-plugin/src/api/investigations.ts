// As in `contract.ts`: the server's own types, and only types.
import type {
  impactBody,
  impactInvestigation,
  incidentBody,
  incidentInvestigation,
  requestExplanation,
  requestInvestigation,
  requestInvestigationBody,
} from '../../../server/src/api/contract/investigation.ts';

/** Why one request ended as it did. Times are epoch milliseconds. */
export type RequestExplanation = (typeof requestExplanation)['_output'];
export type OutcomeClass = RequestExplanation['outcomeClass'];
export type RequestInvestigation = (typeof requestInvestigation)['_output'];
export type RequestInvestigationInput = (typeof requestInvestigationBody)['_input'];
/** What one change did. */
export type ImpactInvestigation = (typeof impactInvestigation)['_output'];
export type ImpactInput = (typeof impactBody)['_input'];
/** Times of trouble, each with what may have caused it. */
export type IncidentInvestigation = (typeof incidentInvestigation)['_output'];
export type IncidentInput = (typeof incidentBody)['_input'];
export type Incident = IncidentInvestigation['incidents'][number];
export type Candidate = Incident['candidates'][number];
