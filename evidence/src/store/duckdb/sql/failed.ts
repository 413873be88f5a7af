import type { GatewayRequest } from '../../../model/request.ts';
import type { FilterValue, RequestFilter } from '../../query.ts';

/** Tables of a day that hold requests: those that succeeded, and the others. */
export const TABLES_OF_DAY = ['requests', 'failed'] as const;

/**
 * Days keep requests that did not simply succeed in a table of their own. They are few and what people look for; rows
 * that lie close together are read many times as fast as the same number scattered among those that succeeded.
 */
export function isFailed({
  outcome,
  status,
  errorClass,
  errorMessage,
}: Pick<GatewayRequest, 'outcome' | 'status' | 'errorClass' | 'errorMessage'>): boolean {
  return (
    outcome !== 'success' || (status ?? 0) >= FAILED_STATUS || errorClass !== undefined || errorMessage !== undefined
  );
}

const FAILED_STATUS = 400;

/** The same of a row `r`. */
export const IS_FAILED = `(r.outcome IS DISTINCT FROM 'success' OR coalesce(r.status, 0) >= ${FAILED_STATUS}
  OR r.error_class IS NOT NULL OR r.error_message IS NOT NULL)`;

/** True when the filters can hold for failed requests only. */
export function onlyFailed(filters: readonly RequestFilter[]): boolean {
  return filters.some(({ field, op, value }) => {
    const list = (Array.isArray(value) ? value : [value]) as readonly FilterValue[];
    switch (field) {
      case 'outcome':
        // What is absent is not 'success' either, and such a request counts as failed.
        if (op === 'eq' || op === 'in') return !list.includes('success');
        return (op === 'neq' || op === 'nin') && list.includes('success');
      case 'status':
        if (op === 'eq' || op === 'in') return list.every((one) => Number(one) >= FAILED_STATUS);
        return (op === 'gte' || op === 'gt') && Number(value) >= FAILED_STATUS;
      case 'errorClass':
      case 'errorMessage':
        return op === 'eq' || op === 'in' || op === 'contains' || op === 'regex' || (op === 'exists' && value === true);
      default:
        return false;
    }
  });
}
