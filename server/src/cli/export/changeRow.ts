import type { ConfigChange } from '@aisix-observability/evidence';

/** Columns of a CSV export of changes; the last two as JSON. */
export const CHANGE_COLUMNS = [
  'id',
  'occurredAt',
  'observedAt',
  'environment',
  'action',
  'kind',
  'resourceId',
  'resourceName',
  'previousName',
  'actorType',
  'actorId',
  'actorName',
  'state',
  'result',
  'trust',
  'revision',
  'source',
  'foundLate',
  'conflict',
  'verdict',
  'computedVerdict',
  'effective',
  'paths',
] as const;

/** Cells in the order of {@link CHANGE_COLUMNS}: times in ISO 8601 (UTC), what is not known empty. */
export function changeRow(change: ConfigChange): string[] {
  const { resource, actor } = change;
  const cells: Readonly<Record<(typeof CHANGE_COLUMNS)[number], unknown>> = {
    id: change.id,
    occurredAt: instant(change.occurredAt),
    observedAt: instant(change.observedAt),
    environment: change.environment,
    action: change.action,
    kind: resource.kind,
    resourceId: resource.id,
    resourceName: resource.name,
    previousName: resource.previousName,
    actorType: actor?.type,
    actorId: actor?.id,
    actorName: actor?.name,
    state: change.state,
    result: change.result,
    trust: change.trust,
    revision: change.revision,
    source: change.source,
    foundLate: change.foundLate,
    conflict: change.conflict,
    verdict: change.verdict?.human?.value,
    computedVerdict: change.verdict?.computed?.value,
    effective: JSON.stringify(change.effective.map(({ dataPlane, at }) => ({ dataPlane, at: instant(at) }))),
    paths: JSON.stringify(change.paths),
  };
  return CHANGE_COLUMNS.map((column) => String(cells[column] ?? ''));
}

const instant = (millis: number): string => new Date(millis).toISOString();
