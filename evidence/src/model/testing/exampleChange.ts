import type { ConfigChange } from '../change.ts';

/** 2026-01-01T12:00:00Z. */
export const NOON = 1_767_268_800_000;

/** A change of a model in `prod` at noon, of which no data plane told. */
export function exampleChange(over: Partial<ConfigChange> = {}): ConfigChange {
  return {
    id: 'c1',
    occurredAt: NOON,
    observedAt: NOON + 400,
    effective: [],
    action: 'update',
    resource: { kind: 'model', id: 'm1', name: 'gpt-4o' },
    environment: 'prod',
    paths: [],
    result: 'success',
    trust: 'signed',
    state: 'applied',
    foundLate: false,
    conflict: false,
    source: 'dashboard',
    ...over,
  };
}
