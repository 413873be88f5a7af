import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStreamFile } from '@aisix-observability/pipeline';
import { expect, it, vi } from 'vitest';
import { startOtlpSinkProcess } from '../fakes/otlpSinkProcess.ts';
import { spanKey } from './testSpans.ts';

const ROWS = 6_000;
const DELIVERER = fileURLToPath(new URL('./deliverProcess.ts', import.meta.url));

it('a deliverer that is killed again and again delivers every row, what comes twice is the same, and not from the start', async () => {
  await using undo = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'killed-'));
  undo.defer(() => rm(directory, { recursive: true }));
  const sink = undo.adopt(
    await startOtlpSinkProcess({ keepSpans: true, answer: { kind: 'accept', delayMillis: 15 } }),
    (started) => started.stop(),
  );
  const path = join(directory, 'requests.sqlite');
  const file = openStreamFile(path);
  await file
    .stream('requests')
    .append(Array.from({ length: ROWS }, (_, index) => ({ payload: `${index + 1}`, at: Date.now() })));
  await file.close();

  const places: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const child = fork(DELIVERER, [directory, `${sink.url}/v1/traces`]);
    await once(child, 'message');
    // Long enough that some batches are out, short enough that the cursor lags behind them.
    await sleep(280 + 35 * round);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const look = openStreamFile(path, { readOnly: true });
    places.push(look.cursors.get('destination:backend') ?? 0);
    await look.close();
  }
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places.at(-1)).toBeGreaterThan(0);

  const last = fork(DELIVERER, [directory, `${sink.url}/v1/traces`]);
  undo.defer(async () => {
    const gone = once(last, 'exit');
    last.kill('SIGKILL');
    await gone;
  });
  await vi.waitFor(async () => expect(await sink.spans()).toHaveLength(ROWS), { timeout: 20_000, interval: 100 });

  const spans = new Map((await sink.spans()).map(([id, times, contents]) => [id, { times, contents }]));
  for (let row = 1; row <= ROWS; row += 1) expect(spans.get(spanKey(row))?.contents).toBe(1);
  const sent = [...spans.values()].reduce((sum, { times }) => sum + times, 0);
  // Four kills; each costs at most what was sent within the cursor's lag and what was in flight.
  expect(sent).toBeGreaterThanOrEqual(ROWS);
  expect(sent).toBeLessThan(3 * ROWS);
});
