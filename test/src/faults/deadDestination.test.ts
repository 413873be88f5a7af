import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { sample } from './metrics.ts';
import { startTraffic } from './traffic.ts';

it('a destination that is gone and one that hangs keep nobody else waiting, and get everything when they are back', async () => {
  await using healthy = await startBackend();
  await using hanging = await startBackend();
  hanging.answer({ kind: 'hang' });
  // A port that nobody listens on.
  const gone = await startBackend();
  await gone.close();
  await using rig = createFaultRig({
    destinations: [
      { name: 'gone', endpoint: gone.url },
      { name: 'hanging', endpoint: hanging.url, timeout: '400ms' },
      { name: 'healthy', endpoint: healthy.url },
    ],
    limits: { shutdown: '30s' },
  });
  await rig.start();
  await using traffic = startTraffic({ seed: 2, rate: 150, ingest: rig.ingest });
  await delay(3_000);
  await traffic.finish();
  expect([...traffic.refusals]).toEqual([]);
  await rig.settled({ destinations: ['healthy'], timeoutMillis: 5_000 });
  expect(traffic.acked.requests).toBeGreaterThan(200);
  expect(traffic.acked.missingFrom(healthy.book)).toEqual([]);

  const { path } = await rig.server.status();
  const byName = Object.fromEntries(path.destinations.map((destination) => [destination.name, destination]));
  expect(byName).toMatchObject({
    gone: { state: 'retrying', delivered: 0, lastError: { message: 'no connection (ECONNREFUSED)' } },
    hanging: { state: 'retrying', delivered: 0, lastError: { message: 'no answer in time' } },
    healthy: { state: 'ok', backlogRows: 0, retried: 0 },
  });
  expect(byName.gone?.backlogRows).toBe(path.requests.lastSeq);
  expect(byName.hanging?.backlogRows).toBe(path.requests.lastSeq);
  const metrics = await rig.server.metrics();
  expect(sample(metrics, 'aisix_destination_requests_retried_total', { destination: 'hanging' })).toBeGreaterThan(0);
  expect(sample(metrics, 'aisix_destination_items_delivered_total', { destination: 'gone' })).toBe(0);

  // A restart forgets neither of them; nobody waits for them when the server stops.
  const askedAt = performance.now();
  expect(await rig.server.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(5_000);
  await using back = await startBackend(gone.port);
  hanging.answer({ kind: 'accept' });
  await rig.start();
  await rig.settled();
  expect(traffic.acked.missingFrom(back.book)).toEqual([]);
  expect(traffic.acked.missingFrom(hanging.book)).toEqual([]);
  expect([back, hanging, healthy].flatMap(({ book }) => book.contradictions)).toEqual([]);
});
