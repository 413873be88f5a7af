import { appendFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createRandom } from '../gateway/index.ts';
import { startBackend } from './backend.ts';
import { createFaultRig, type FaultRig } from './faultRig.ts';
import { startTraffic } from './traffic.ts';

const LOGS = ['deliveries.db-wal', 'requests.db-wal'] as const;

async function trafficUntilKilled(rig: FaultRig, seed: number) {
  const traffic = startTraffic({ seed, rate: 150, ingest: rig.ingest });
  await delay(1_200);
  await rig.server.end('SIGKILL');
  return traffic;
}

it('the torn end of a write that was under way is ignored', async () => {
  await using backend = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: backend.url }] });
  backend.answer({ kind: 'status', status: 503 });
  await rig.start();
  await using traffic = await trafficUntilKilled(rig, 11);
  const random = createRandom(11);
  for (const name of LOGS) {
    const junk = Buffer.from(random.hex(2 * 6_000), 'hex');
    appendFileSync(join(rig.dataDir, name), junk);
  }
  backend.answer({ kind: 'accept' });
  await rig.start();
  await traffic.finish();
  await rig.settled();
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.contradictions).toEqual([]);
});

it('after a disk that lost what it said it had, nothing new is passed over', async () => {
  await using backend = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: backend.url }] });
  await rig.start();
  const before = await trafficUntilKilled(rig, 12);
  await before.stop();
  const earlier = join(rig.dataDir, '..', `${basename(rig.dataDir)}-earlier`);
  onTestFinished(() => rmSync(earlier, { recursive: true, force: true }));
  cpSync(rig.dataDir, earlier, { recursive: true, filter: (file) => !file.endsWith('.sock') });

  await rig.start();
  const lost = startTraffic({ seed: 14, rate: 150, ingest: rig.ingest });
  const { lastSeq } = (await rig.server.status()).path.deliveries;
  // Well past what the disk is going to remember, and assembled from there.
  await expect
    .poll(async () => (await rig.server.status()).path.deliveries.firstSeq, { timeout: 30_000 })
    .toBeGreaterThan(lastSeq + 5);
  await rig.server.end('SIGKILL');
  await lost.stop();
  for (const file of readdirSync(rig.dataDir).filter((name) => name.startsWith('deliveries.db'))) {
    rmSync(join(rig.dataDir, file));
  }
  for (const file of readdirSync(earlier).filter((name) => name.startsWith('deliveries.db'))) {
    cpSync(join(earlier, file), join(rig.dataDir, file));
  }

  await rig.start();
  const warned = rig.server.log.filter(({ message }) => message.startsWith('the stream of deliveries ends before'));
  expect(warned).toHaveLength(1);
  await using after = startTraffic({ seed: 13, rate: 150, ingest: rig.ingest });
  await delay(1_000);
  await after.finish();
  await rig.settled();
  expect(after.acked.requests).toBeGreaterThan(50);
  expect(after.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.contradictions).toEqual([]);
});
