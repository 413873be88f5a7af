import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { sample } from './metrics.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

it('a destination too far behind loses its place alone, the gap is shown and counted, and `resend` fills it', async () => {
  await using healthy = await startBackend();
  await using behind = await startBackend();
  behind.answer({ kind: 'status', status: 503 });
  await using rig = createFaultRig({
    destinations: [
      { name: 'behind', endpoint: behind.url, max_backlog: '1MiB' },
      { name: 'healthy', endpoint: healthy.url, max_backlog: '1MiB' },
    ],
  });
  await rig.start();
  const startedAt = Date.now();
  await using traffic = startTraffic({ seed: 8, rate: 300, ingest: rig.ingest });
  const lost = await waitFor('the destination to lose its place', async () => {
    const { path } = await rig.server.status();
    return path.gaps.length > 0 && path;
  });
  expect(lost.gaps.map(({ reader, reason }) => ({ reader, reason }))).toEqual([
    { reader: 'destination:behind', reason: 'max_backlog' },
  ]);
  // Not in the middle of the next loss.
  await delay(500);
  await traffic.finish();
  await rig.settled({ destinations: ['healthy'] });
  expect(traffic.acked.missingFrom(healthy.book)).toEqual([]);

  const { path } = await rig.server.status();
  const missed = path.gaps.reduce((sum, { rows }) => sum + rows, 0);
  expect(missed).toBeGreaterThan(50);
  const metrics = await rig.server.metrics();
  expect(sample(metrics, 'aisix_destination_rows_missed_total', { destination: 'behind', reason: 'max_backlog' })).toBe(
    missed,
  );
  expect(sample(metrics, 'aisix_destination_rows_missed_total', { destination: 'healthy' })).toBe(0);
  // The gauge is set every two seconds.
  const openGaps = async () => sample(await rig.server.metrics(), 'aisix_destination_gaps', { destination: 'behind' });
  await waitFor('the gauge of open gaps', async () => (await openGaps()) === path.gaps.length);
  const shown = await rig.command('status');
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/gaps \(fill with `resend`\)\n {2}destination:behind: .* requests \(max_backlog\)/);

  // The place is kept beside the gap: what is left of the backlog comes by itself, the gap does not, not even after
  // a restart.
  behind.answer({ kind: 'accept' });
  await rig.server.end('SIGKILL');
  await rig.start();
  await rig.settled();
  expect(new Set(traffic.acked.missingFrom(behind.book).map((fact) => fact.split('/')[0])).size).toBeGreaterThan(50);
  expect((await rig.server.status()).path.gaps).toHaveLength(path.gaps.length);

  const sent = await rig.command('resend', 'behind', '--from', new Date(startedAt - 1_000).toISOString());
  expect(sent.out).toMatch(/^Sent \d+ spans of \d+ requests again to behind\.$/m);
  expect(sent.code).toBe(0);
  expect(traffic.acked.missingFrom(behind.book)).toEqual([]);
  expect(behind.book.contradictions).toEqual([]);
  expect((await rig.server.status()).path.gaps).toEqual([]);
  expect((await rig.command('status')).out).not.toContain('gaps');
  await waitFor('the gauge to say that no gap is open', async () => (await openGaps()) === 0);
});
