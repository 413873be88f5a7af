export { type Evidence, prepareEvidence } from './evidence.ts';
export { LEAST_MECHANISM, type Mechanism, mechanismOf } from './mechanism.ts';
export type {
  Ablations,
  AttemptRow,
  Candidate,
  ComparedGroups,
  ConfigHistory,
  Counts,
  EvidenceInput,
  Impact,
  Incident,
  IncidentFilter,
  IncidentQuery,
  Indicator,
  IndicatorKind,
  InvestigationParameters,
  Look,
  Reason,
  RequestResult,
  RequestRow,
  RequestShape,
  RequestWindow,
  ScoreParts,
  SilentSpan,
  Symptom,
  Verdict,
} from './model.ts';
export { INDICATOR_KINDS, REASONS, VERDICTS } from './model.ts';
export { type PackedWindow, packWindow, unpackWindow } from './packedWindow.ts';
export { NO_ABLATION, PRODUCT_PARAMETERS } from './parameters.ts';
export { rankSuspects } from './rankSuspects.ts';
export { fromRequest } from './requestRow.ts';
export { isOfRequests } from './resourceNames.ts';
export { neededWindow, weighChange } from './weighChange.ts';
export { createWindow, MAX_MESSAGES, type WindowBuilder } from './window.ts';
