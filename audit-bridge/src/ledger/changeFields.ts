import { COMPUTED_VALUE } from './computedVerdicts.ts';

/** Fields of changes that a search can ask for, with the column or expression that holds them. */
export const CHANGE_FIELDS = {
  kind: 'kind',
  resourceId: 'resource_id',
  resourceName: 'name',
  previousName: 'previous_name',
  action: 'action',
  actorId: 'actor_id',
  actorName: 'actor_name',
  actorType: 'actor_type',
  state: 'state',
  trust: 'trust',
  source: 'source',
  result: 'result',
  dataPlane: 'data_plane',
  revision: 'revision',
  verdict: 'verdict',
  computedVerdict: COMPUTED_VALUE,
  conflict: 'conflict',
  foundLate: 'found_late',
} as const;
export type ChangeField = keyof typeof CHANGE_FIELDS;

/** Fields that are true or false. */
export const CHANGE_FLAGS: ReadonlySet<ChangeField> = new Set(['conflict', 'foundLate']);

export const CHANGE_FILTER_OPERATORS = ['eq', 'neq', 'in', 'nin', 'contains', 'exists'] as const;
export type ChangeFilterOperator = (typeof CHANGE_FILTER_OPERATORS)[number];
