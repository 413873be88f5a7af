import type { DataQuery } from '@grafana/schema';

/** A variable of a dashboard: the environments that the reader may see, or the values of a field. */
export interface VariableQuery extends DataQuery {
  readonly kind: 'environments' | 'values';
  readonly field: string;
  readonly environment: string;
  /** A part of the values; empty for all. */
  readonly search: string;
}

export const DEFAULT_VARIABLE: Omit<VariableQuery, 'refId'> = {
  kind: 'values',
  field: 'requestedModel',
  environment: '',
  search: '',
};

/** A saved query with everything that it does not hold. */
export function readVariable(saved: Partial<VariableQuery> | string | undefined): VariableQuery {
  const query = typeof saved === 'object' ? saved : {};
  const text = (value: unknown, normal: string) => (typeof value === 'string' ? value : normal);
  return {
    ...query,
    refId: query.refId ?? 'variable',
    kind: query.kind === 'environments' ? 'environments' : 'values',
    field: text(query.field, DEFAULT_VARIABLE.field),
    environment: text(query.environment, ''),
    search: text(query.search, ''),
  };
}
