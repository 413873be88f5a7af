import type { FeedGap } from '@aisix-observability/audit-bridge';
import { AUDIT_CLOCK_AHEAD_MS } from '@aisix-observability/evidence';
import { exampleRequest } from '@aisix-observability/evidence/testing';
import { expect, it } from 'vitest';
import { type ChangeHistory, explainRequests } from './explainRequests.ts';

const T = Date.parse('2026-11-23T06:00:00Z');
const HOUR = 3_600_000;

/** Asks why one request at `T` ended as it did, and notes until when changes are read. */
async function readUntil(gaps: readonly Pick<FeedGap, 'from' | 'to'>[]): Promise<number[]> {
  const read: number[] = [];
  const changes: ChangeHistory = {
    async search({ to }) {
      read.push(to);
      return { changes: [] };
    },
    catalogue: async () => ({ environment: 'prod', at: T, desired: [], inForce: {} }),
    gaps: async () =>
      gaps.map((gap) => ({
        feed: { type: 'config_cache', name: 'cache' },
        environment: 'prod',
        reason: 'away',
        ...gap,
      })),
  };
  const requests = JSON.stringify([exampleRequest({ startTime: T })]);
  const store = { get: async () => ({ requests, isLast: true }) } as never;
  const scope = { environments: ['prod'], visibility: {} };
  const [said] = await explainRequests({ scope, organizationWide: false, requestId: 'r' }, { store, changes });
  expect(said?.changesSentence).toMatch(/^No change .* no proof: /);
  return read;
}

it('changes are read until a silence around the request has ended, since they are dated by its end', async () => {
  const usual = T + AUDIT_CLOCK_AHEAD_MS;
  expect(await readUntil([])).toEqual([usual]);
  expect(await readUntil([{ from: T - HOUR, to: T + HOUR }])).toEqual([T + HOUR + 60_000]);
  expect(await readUntil([{ from: T - 2 * HOUR, to: T - HOUR }, { from: T - HOUR }])).toEqual([usual]);
});
