import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

it('`resend` brings from the store what the stream of requests no longer holds, also across a kill', async () => {
  await using behind = await startBackend();
  behind.answer({ kind: 'status', status: 503 });
  await using rig = createFaultRig({
    destinations: [{ name: 'behind', endpoint: behind.url, max_backlog: '1MiB' }],
    limits: { stream_bytes: '1MiB' },
  });
  await rig.start();
  const startedAt = Date.now();
  await using traffic = startTraffic({ seed: 9, rate: 300, ingest: rig.ingest });
  const gap = await waitFor('the destination to lose its place', async () => (await rig.server.status()).path.gaps[0]);
  behind.answer({ kind: 'accept' });
  await waitFor(
    'the stream to drop what was missed',
    async () => (await rig.server.status()).path.requests.firstSeq > gap.toSeq,
    { timeoutMillis: 60_000 },
  );
  await traffic.finish();
  await rig.settled();
  await rig.stored();
  const missed = new Set(traffic.acked.missingFrom(behind.book).map((fact) => fact.split('/')[0]));
  expect(missed.size).toBeGreaterThan(50);

  // The backend takes its time, so that the kill comes in the middle.
  behind.answer({ kind: 'accept', delayMillis: 400 });
  const { received } = behind.book;
  const from = new Date(startedAt - 1_000).toISOString();
  const interrupted = rig.command('resend', 'behind', '--from', from);
  await waitFor('the first spans from the store', () => behind.book.received > received);
  await rig.server.end('SIGKILL');
  expect((await interrupted).code).not.toBe(0);
  expect((await rig.start()).gone).toBe(false);
  behind.answer({ kind: 'accept' });
  await waitFor('the gap to be filled', () => traffic.acked.missingFrom(behind.book).length === 0);
  await waitFor('the gap to be closed', async () => (await rig.server.status()).path.gaps.length === 0);
  expect(behind.book.contradictions).toEqual([]);

  // Nothing of it is left on disk, and a range without a gap is sent again as well.
  const again = await rig.command('resend', 'behind', '--from', '1h');
  expect(again.out).toMatch(/^Sent \d+ spans of \d+ requests again to behind\.$/m);
  expect(again.code).toBe(0);
  const sent = Number(/of (\d+) requests/.exec(again.out)?.[1]);
  expect(sent).toBeGreaterThanOrEqual(traffic.acked.requests);
  expect(behind.book.contradictions).toEqual([]);
}, 180_000);
