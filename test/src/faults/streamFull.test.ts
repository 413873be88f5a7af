import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { usageEvent } from '../gateway/index.ts';
import { wholeSeconds } from '../recordings/index.ts';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { sample } from './metrics.ts';
import { postTelemetry } from './postTelemetry.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

it('a full stream is told to senders with the time to come back, empties, and has lost nothing', async () => {
  await using backend = await startBackend();
  await using rig = createFaultRig({
    destinations: [{ name: 'sink', endpoint: backend.url }],
    limits: { stream_bytes: '1MiB', failed_grace: '4s' },
  });
  await rig.start();
  // A request that only failed so far holds on to its delivery, and with it to all that come later.
  const failed = usageEvent({
    request_id: 'waits-for-a-winner',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    occurred_at: wholeSeconds(Date.now()),
    model_id: 'm',
    status_code: 503,
    attempt_kind: 'initial',
    error_class: 'upstream_status',
    upstream_latency_ms: 12,
  });
  expect((await postTelemetry(rig, [failed])).status).toBe(200);
  await using traffic = startTraffic({ seed: 5, rate: 300, ingest: rig.ingest });
  await waitFor('a delivery to be refused', () => (traffic.refusals.get(503) ?? 0) > 20, { timeoutMillis: 20_000 });
  const { path } = await rig.server.status();
  expect(path.deliveries.bytes).toBeGreaterThan(900_000);
  expect(path.deliveries.bytes).toBeLessThanOrEqual(2 ** 20);
  expect(
    sample(await rig.server.metrics(), 'aisix_deliveries_not_stored_total', { reason: 'stream_full' }),
  ).toBeGreaterThan(20);
  await delay(1_000);
  await traffic.finish();

  expect([...traffic.refusals.keys()]).toEqual([503]);
  expect(new Set(traffic.retryAfters)).toEqual(new Set(['1']));
  const settled = await rig.settled();
  // Trimming follows assembly in the background.
  await waitFor('the stream to be empty', async () => (await rig.server.status()).path.deliveries.rows === 0);
  expect(settled.path.deliveries.lastSeq).toBeGreaterThan(100);
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.hasAttempt('waits-for-a-winner', 0)).toBe(true);
});
