import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig, type FaultRig } from './faultRig.ts';
import { countedRequests, storedRequests } from './storedRequests.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

const byId = (left: string, right: string) => (left < right ? -1 : 1);

/** What the store holds, one line a request. */
async function contents(rig: FaultRig): Promise<readonly string[]> {
  const requests = await storedRequests(rig);
  return requests
    .map(({ requestId, outcome, attempts }) => `${requestId} ${outcome} ${attempts.length}`)
    .toSorted(byId);
}

it('kill -9 in the middle of a load loses nothing of the store and counts nothing twice', async () => {
  await using backend = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: backend.url }] });
  await rig.start();
  await using traffic = startTraffic({ seed: 31, rate: 200, ingest: rig.ingest });
  for (let round = 0; round < 3; round += 1) {
    // Each time while the store is loading, which it does twice a second.
    const from = (await rig.server.status()).store?.position ?? 0;
    await waitFor('the store to move', async () => ((await rig.server.status()).store?.position ?? 0) > from);
    await delay(150 * round);
    await rig.server.end('SIGKILL');
    await rig.start();
  }
  await traffic.finish();
  await rig.settled();
  await rig.stored();
  const held = await storedRequests(rig);
  const ids = held.map(({ requestId }) => requestId).toSorted(byId);
  expect(ids).toEqual(traffic.acked.requestIds.toSorted(byId));
  expect(held.filter(({ state }) => state === 'open')).toEqual([]);
  expect(await countedRequests(rig)).toBe(ids.length);
  expect((await rig.server.status()).store).toMatchObject({ requests: ids.length, openRequests: 0 });

  const before = await contents(rig);
  expect((await rig.server.end('SIGTERM')).code).toBe(0);
  await rig.start();
  expect(await contents(rig)).toEqual(before);
  expect(await countedRequests(rig)).toBe(ids.length);
  for (const name of readdirSync(rig.dataDir, { recursive: true, encoding: 'utf8' })) {
    expect(statSync(join(rig.dataDir, name)).mode & 0o077, name).toBe(0);
  }

  // The stream of requests is lost and the store is not: what is new stands behind what the store knows.
  const { position } = (await rig.server.status()).store ?? { position: 0 };
  expect((await rig.server.end('SIGTERM')).code).toBe(0);
  for (const name of readdirSync(rig.dataDir).filter((one) => one.startsWith('requests.db'))) {
    rmSync(join(rig.dataDir, name));
  }
  await rig.start();
  await using more = startTraffic({ seed: 33, rate: 100, ingest: rig.ingest });
  await delay(500);
  await more.finish();
  await rig.settled();
  await rig.stored();
  expect((await rig.server.status()).store?.position).toBeGreaterThan(position);
  expect((await storedRequests(rig)).map(({ requestId }) => requestId).toSorted(byId)).toEqual(
    [...ids, ...more.acked.requestIds].toSorted(byId),
  );
}, 120_000);

it('`export` writes what a running server holds', async () => {
  await using backend = await startBackend();
  await using rig = createFaultRig({ destinations: [{ name: 'sink', endpoint: backend.url }] });
  await rig.start();
  await using traffic = startTraffic({ seed: 32, rate: 100, ingest: rig.ingest });
  await delay(1_000);
  await traffic.finish();
  await rig.settled();
  await rig.stored();
  const { code, out } = await rig.command('export', '--from', '1h');
  expect(code).toBe(0);
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  const ids = lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId);
  expect(ids.toSorted(byId)).toEqual(traffic.acked.requestIds.toSorted(byId));
});
