import type { ChangeObservation, InForceObservation, StatusObservation } from '../../model/observation.ts';

/** A minute on which times of these tests stand, epoch milliseconds. */
export const T = 1_800_000_000_000;

let count = 0;

/** An id that no other observation of a test has. */
function freshId(): string {
  count += 1;
  return `observation-${count}`;
}

/** A signed event of an update of model `m-1`, `seconds` after `T`. */
export function audited(seconds: number, more: Partial<ChangeObservation> = {}): ChangeObservation {
  return {
    type: 'change',
    observationId: freshId(),
    feed: { type: 'webhook', name: 'cloud' },
    observedAt: T + seconds * 1000 + 100,
    environment: 'prod',
    trust: 'signed',
    action: 'update',
    resource: { kind: 'model', id: 'm-1', name: 'gpt' },
    occurredAt: T + seconds * 1000,
    foundLate: false,
    actor: { type: 'user', name: 'alice' },
    paths: [],
    result: 'success',
    source: 'dashboard',
    ...more,
  };
}

/** The same as a watcher of `dp-1` saw it between two looks. */
export function seen(from: number, to: number, more: Partial<ChangeObservation> = {}): ChangeObservation {
  return {
    type: 'change',
    observationId: freshId(),
    feed: { type: 'config_cache', name: 'cache' },
    observedAt: T + to * 1000,
    environment: 'prod',
    dataPlane: 'dp-1',
    trust: 'observed',
    action: 'update',
    resource: { kind: 'model', id: 'm-1', name: 'gpt' },
    seenBetween: [T + from * 1000, T + to * 1000],
    foundLate: false,
    paths: [],
    result: 'success',
    source: 'config_cache',
    ...more,
  };
}

export function served(seconds: number, more: Partial<InForceObservation> = {}): InForceObservation {
  return {
    type: 'in_force',
    observationId: freshId(),
    feed: { type: 'config_cache', name: 'cache' },
    observedAt: T + seconds * 1000,
    environment: 'prod',
    dataPlane: 'dp-1',
    resource: { kind: 'model', id: 'm-1', name: 'gpt' },
    state: 'applied',
    at: T + seconds * 1000,
    ...more,
  };
}

export function reported(seconds: number, more: Partial<StatusObservation> = {}): StatusObservation {
  return {
    type: 'status',
    observationId: freshId(),
    feed: { type: 'status', name: 'dp-1' },
    observedAt: T + seconds * 1000,
    environment: 'prod',
    dataPlane: 'dp-1',
    state: 'synced',
    rejected: [],
    ...more,
  };
}
