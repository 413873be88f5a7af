import { randomBytes } from 'node:crypto';
import type { ConfigChange } from '@aisix-observability/evidence';

/** Starts the id of every change that `send-test` made up (`aisix.change.id`), and is its source. */
export const TEST_CHANGE = 'aisix-test';

/** A change that never happened, as nobody and of nothing. */
export function testChange(at: number, environment: string | null): ConfigChange {
  return {
    id: `${TEST_CHANGE}-${randomBytes(8).toString('hex')}`,
    occurredAt: at,
    observedAt: at,
    effective: [],
    action: 'other',
    resource: { kind: 'other', name: TEST_CHANGE },
    environment,
    paths: [],
    result: 'success',
    trust: 'observed',
    state: 'unknown',
    foundLate: false,
    conflict: false,
    source: TEST_CHANGE,
  };
}
