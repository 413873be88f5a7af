import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { mountSmallDisk } from './smallDisk.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

const MIB = 2 ** 20;

/** Where nothing may be mounted, the limit of the size of files takes its place. */
it('a full disk is told to senders with the time to come back, and what was acknowledged outlives it', async () => {
  await using disk = mountSmallDisk(64 * MIB);
  await using backend = await startBackend();
  await using rig = createFaultRig({
    destinations: [{ name: 'sink', endpoint: backend.url }],
    ...(disk === undefined ? { launch: { fileSizeBlocks: (1.5 * MIB) / 512 } } : { dataDir: join(disk.path, 'data') }),
  });
  // Requests are kept for a resend, so a file of limited size fills by itself.
  await rig.start();
  await using traffic = startTraffic({ seed: 9, rate: 150, ingest: rig.ingest });
  const refused = (more: number) => {
    const before = traffic.refusals.get(503) ?? 0;
    return waitFor('deliveries to be refused', () => (traffic.refusals.get(503) ?? 0) > before + more);
  };
  await delay(1_000);
  disk?.fill(8 * MIB);
  await refused(20);
  // To the last byte: what is under way on the disk fails in the middle.
  disk?.fill(0);
  await delay(1_500);
  expect(rig.server.gone).toBe(false);
  await refused(20);
  expect(traffic.retryAfters.every((seconds) => seconds === '5')).toBe(true);

  // Killed while there is no room, and started again while there is none.
  await rig.server.end('SIGKILL');
  const second = rig.launch();
  await Promise.race([second.ready.catch(() => {}), delay(5_000)]);
  if (!second.gone) await refused(5);

  disk?.clear();
  if (disk === undefined) spawnSync('prlimit', [`--pid=${rig.server.pid}`, '--fsize=unlimited:']);
  if (second.gone) await rig.start();
  await traffic.finish();
  await rig.settled({ timeoutMillis: 30_000 });
  expect([...traffic.refusals.keys()].filter((status) => status !== 503 && status !== 0)).toEqual([]);
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.contradictions).toEqual([]);
}, 60_000);
