import { renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { usageEvent } from '../gateway/index.ts';
import { wholeSeconds } from '../recordings/index.ts';
import { startBackend } from './backend.ts';
import { createFaultRig } from './faultRig.ts';
import { postTelemetry } from './postTelemetry.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

/** Less than signatures of uploads may be off, much more than anything here waits. */
const JUMP_MILLIS = 10 * 60_000;

it('a clock that is set forward and back delays nothing and loses nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aisix-clock-'));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true }));
  const file = join(folder, 'offset');
  const setClock = (millis: number) => {
    // Whole at any moment: threads look while this is written.
    writeFileSync(`${file}.new`, String(millis));
    renameSync(`${file}.new`, file);
  };
  setClock(0);
  await using backend = await startBackend();
  await using rig = createFaultRig({
    destinations: [{ name: 'sink', endpoint: backend.url }],
    limits: { failed_grace: '2s' },
    launch: {
      nodeArguments: ['--import', fileURLToPath(new URL('./movedClock.ts', import.meta.url))],
      env: { FAULTS_CLOCK_FILE: file },
    },
  });
  await rig.start();
  await using traffic = startTraffic({ seed: 10, rate: 100, ingest: rig.ingest });
  const failOnce = (requestId: string) =>
    postTelemetry(rig, [
      usageEvent({
        request_id: requestId,
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        occurred_at: wholeSeconds(Date.now()),
        model_id: 'm',
        status_code: 503,
        attempt_kind: 'initial',
        error_class: 'upstream_status',
        upstream_latency_ms: 12,
      }),
    ]);
  await delay(500);
  setClock(JUMP_MILLIS);
  await delay(1_000);
  // Waits for a winner, and the destination for its next try, when the clock is put back.
  expect((await failOnce('before-the-jump')).status).toBe(200);
  backend.answer({ kind: 'status', status: 503 });
  await waitFor('the destination to be in trouble', async () => {
    const { path } = await rig.server.status();
    return path.destinations[0]?.state === 'retrying';
  });
  setClock(-JUMP_MILLIS);
  await delay(200);
  expect((await failOnce('after-the-jump')).status).toBe(200);
  await waitFor('the difference of the clocks to show', async () => {
    const { clockOffsets } = await rig.server.status();
    return clockOffsets.some(({ millis }) => millis < -JUMP_MILLIS / 2);
  });
  backend.answer({ kind: 'accept' });
  await delay(1_000);
  setClock(0);
  await delay(500);
  await traffic.finish();

  await rig.settled({ timeoutMillis: 15_000 });
  expect([...traffic.refusals]).toEqual([]);
  expect(traffic.acked.missingFrom(backend.book)).toEqual([]);
  expect(backend.book.hasAttempt('before-the-jump', 0)).toBe(true);
  expect(backend.book.hasAttempt('after-the-jump', 0)).toBe(true);
  expect(backend.book.contradictions).toEqual([]);
  setClock(JUMP_MILLIS);
  await delay(100);
  expect(await rig.server.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
