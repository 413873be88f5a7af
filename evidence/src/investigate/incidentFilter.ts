import type { Evidence } from './evidence.ts';
import type { IncidentFilter } from './model.ts';

/** Whether a combination belongs to what an incident was limited to. */
export function isWanted(evidence: Evidence, filter: IncidentFilter | undefined): Uint8Array {
  if (filter === undefined) return new Uint8Array(evidence.combinations.length).fill(1);
  return Uint8Array.from(evidence.combinations, ({ shape, result }) => {
    const { models, apiKeyIds, outcomes, errorClasses, statuses } = filter;
    const tried = result.attempts.map(({ model }) => model);
    const named = [shape.requestedModel, result.servedModel, ...tried];
    if (models !== undefined && !named.some((name) => name !== undefined && models.includes(name))) return 0;
    if (apiKeyIds !== undefined && !apiKeyIds.includes(shape.apiKeyId ?? '')) return 0;
    if (outcomes !== undefined && ![result, ...result.attempts].some(({ outcome }) => outcomes.includes(outcome))) {
      return result.outcome === 'success' ? 1 : 0;
    }
    if (
      errorClasses !== undefined &&
      ![result, ...result.attempts].some(({ errorClass }) => errorClasses.includes(errorClass ?? ''))
    ) {
      return result.outcome === 'success' ? 1 : 0;
    }
    if (
      statuses !== undefined &&
      ![result, ...result.attempts].some(({ status }) => status !== undefined && statuses.includes(status))
    ) {
      return result.outcome === 'success' ? 1 : 0;
    }
    return 1;
  });
}
