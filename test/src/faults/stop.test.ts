import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

const SHUTDOWN_MILLIS = 2_000;
/** Beside the drain: the last answers, closing files, the end of the process. */
const MARGIN_MILLIS = 2_000;

it('SIGTERM under load ends in time and in order, and the next start goes on where it stopped', async () => {
  await using backend = await startBackend();
  // So slow that not all can be delivered until the deadline.
  backend.answer({ kind: 'accept', delayMillis: 700 });
  await using rig = createFaultRig({
    destinations: [{ name: 'sink', endpoint: backend.url }],
    limits: { shutdown: `${SHUTDOWN_MILLIS}ms` },
  });
  await rig.start();
  await using traffic = startTraffic({ seed: 6, rate: 200, ingest: rig.ingest });
  await delay(1_500);
  const stopping = rig.server;
  const { api } = await stopping.ready;
  const askedAt = performance.now();
  const exit = stopping.end('SIGTERM');
  // Who looks sees the drain; who sends is told when to come back.
  await waitFor('the server to say that it stops', async () => (await fetch(`${api}/ready`)).status === 503, {
    timeoutMillis: SHUTDOWN_MILLIS,
    everyMillis: 5,
  });
  expect(await exit).toEqual({ code: 0, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(SHUTDOWN_MILLIS + MARGIN_MILLIS);
  expect(stopping.log.at(-1)?.message).toBe('Stopped.');
  expect(stopping.log.filter(({ level }) => level === 'error')).toEqual([]);
  expect(stopping.noise).toEqual([]);
  expect([...traffic.refusals.keys()].filter((status) => status !== 503 && status !== 0)).toEqual([]);

  backend.answer({ kind: 'accept' });
  await rig.start();
  await traffic.finish();
  await rig.settled();
  expect(traffic.acked.requests).toBeGreaterThan(100);
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.contradictions).toEqual([]);
});

it('a second signal ends it at once, and nothing is lost by that either', async () => {
  await using backend = await startBackend();
  backend.answer({ kind: 'hang' });
  await using rig = createFaultRig({
    destinations: [{ name: 'sink', endpoint: backend.url }],
    limits: { shutdown: '30s' },
  });
  await rig.start();
  await using traffic = startTraffic({ seed: 7, rate: 100, ingest: rig.ingest });
  await delay(1_000);
  const { server } = rig;
  server.signal('SIGTERM');
  await waitFor('the server to begin to stop', () => server.log.some(({ message }) => message.startsWith('Stopping')));
  const askedAt = performance.now();
  expect(await server.end('SIGTERM')).toEqual({ code: 143, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(1_000);

  backend.answer({ kind: 'accept' });
  await rig.start();
  await traffic.finish();
  await rig.settled();
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.contradictions).toEqual([]);
});
