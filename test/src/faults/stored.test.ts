import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { expect, it } from 'vitest';
import {
  loadClient,
  loadEvents,
  RECORDED_ENVIRONMENT,
  shiftEvent,
  shiftToNow,
  type UsageEvent,
} from '../recordings/index.ts';
import { inBatches } from '../spans/assembledRecording.ts';
import { createFaultRig, type FaultRig } from './faultRig.ts';
import { postTelemetry } from './postTelemetry.ts';
import { storedRequests } from './storedRequests.ts';
import { waitFor } from './waiting.ts';

const HOUR = 3_600_000;

function attempt(requestId: string, traceId: string, index: number, status: number): UsageEvent {
  return {
    request_id: requestId,
    trace_id: traceId,
    occurred_at: new Date(Date.now() - 2_000 + index * 1_000).toISOString().replace(/\.\d+/, ''),
    status_code: status,
    attempt_index: index,
    model_id: '',
    api_key_id: '',
    prompt_tokens: 0,
    completion_tokens: 0,
    cost_usd: 0,
    guardrail_blocked: false,
    upstream_latency_ms: 20,
    ...(status >= 400 && { error_class: 'upstream_status' }),
  };
}

const get = async (rig: FaultRig, requestId: string) =>
  (await rig.ask<{ requests: GatewayRequest[] }>('/requests/get', { environment: 'prod', requestId })).requests;

it('a request shows while it is open, is replaced when it is final, and again when a later fact corrects it', async () => {
  await using rig = createFaultRig({ destinations: [], limits: { failed_grace: '1m' } });
  await rig.start();
  const [id, trace] = [randomUUID(), randomBytes(16).toString('hex')];
  const only = async (holds: (request: GatewayRequest) => boolean) =>
    waitFor('the request', async () => {
      const requests = await get(rig, id);
      expect(requests.length).toBeLessThan(2);
      return requests.find(holds);
    });

  expect((await postTelemetry(rig, [attempt(id, trace, 0, 502)])).status).toBe(200);
  expect(await only(() => true)).toMatchObject({ state: 'open', attempts: [{ index: 0, status: 502 }] });
  await postTelemetry(rig, [attempt(id, trace, 1, 200)]);
  const final = await only(({ state }) => state === 'final');
  expect(final).toMatchObject({ outcome: 'success', attempts: [{ index: 0 }, { index: 1, status: 200 }] });
  await postTelemetry(rig, [attempt(id, trace, 2, 200)]);
  const corrected = await only(({ attempts }) => attempts.length === 3);
  expect(corrected).toMatchObject({ state: 'final', outcome: 'success' });
  expect(corrected.revision).toBeGreaterThan(final.revision);

  await rig.server.end('SIGKILL');
  await rig.start();
  expect(await get(rig, id)).toEqual([corrected]);
}, 120_000);

async function countsByStatus(rig: FaultRig): Promise<Record<string, number>> {
  const range = { from: Date.now() - HOUR, to: Date.now() + HOUR };
  const { series } = await rig.ask<{ series: { labels: Record<string, string>; values: (number | null)[] }[] }>(
    '/requests/volume',
    { ...range, intervalMs: 60_000, groupBy: ['status'], topN: 50 },
  );
  return Object.fromEntries(
    series.map(({ labels, values }) => [labels.status, values.reduce<number>((sum, one) => sum + (one ?? 0), 0)]),
  );
}

it('the recorded story is counted as its callers counted, through a stop and a kill', async () => {
  await using rig = createFaultRig({ destinations: [] });
  await rig.start();
  const shift = shiftToNow('story');
  const events = loadEvents('story').map((event) => shiftEvent(event, shift));
  for (const batch of inBatches(events, 500)) expect((await postTelemetry(rig, batch)).status).toBe(200);
  await rig.settled();
  await rig.stored();

  const ids = new Set(events.map(({ request_id }) => request_id));
  const expected: Record<string, number> = {};
  for (const { id, status } of loadClient('story')) {
    if (id !== null && ids.has(id)) expected[status] = (expected[status] ?? 0) + 1;
  }
  expect(await countsByStatus(rig)).toEqual(expected);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await rig.server.end(signal);
    await rig.start();
    expect(await countsByStatus(rig)).toEqual(expected);
    expect((await rig.server.status()).store).toMatchObject({ requests: 12_827, openRequests: 0 });
  }
}, 180_000);

it('a data directory that has no store yet gets one from its stream of requests', async () => {
  await using before = createFaultRig({ destinations: [], store: { driver: 'none' } });
  await before.start();
  const ids = Array.from({ length: 300 }, () => randomUUID());
  await postTelemetry(
    before,
    ids.map((id) => attempt(id, randomBytes(16).toString('hex'), 0, 200)),
  );
  await before.settled();
  await before.server.end('SIGTERM');
  expect(existsSync(join(before.dataDir, 'store'))).toBe(false);

  await using after = createFaultRig({ destinations: [], dataDir: before.dataDir });
  await after.start();
  await after.stored();
  const held = await storedRequests(after);
  expect(held.map(({ requestId }) => requestId).toSorted()).toEqual(ids.toSorted());
  expect(new Set(held.map(({ environment }) => environment))).toEqual(new Set([RECORDED_ENVIRONMENT]));
}, 120_000);
