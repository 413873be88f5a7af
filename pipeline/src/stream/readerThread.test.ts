import { once } from 'node:events';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import { rowsTable } from './schema.ts';
import type { Stream } from './stream.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { WAL_MAX_BYTES } from './walGuard.ts';

const MIB = 2 ** 20;
const ROW_BYTES = 20_000;
const ROWS_PER_APPEND = 50;

const startThread = (program: string, workerData: object): Worker =>
  new Worker(new URL(`testing/${program}`, import.meta.url), { workerData });

/** Appends rows that begin with their position; returns the largest size of the log seen. */
async function fill(stream: Stream, path: string, bytes: number): Promise<number> {
  let largestWal = 0;
  for (let seq = 0; seq * ROW_BYTES < bytes; ) {
    const payloads = Array.from({ length: ROWS_PER_APPEND }, () => {
      seq += 1;
      return { payload: `${seq} `.padEnd(ROW_BYTES, 'x'), at: seq };
    });
    await stream.append(payloads);
    largestWal = Math.max(largestWal, statSync(`${path}-wal`).size);
  }
  return largestWal;
}

test('readers in other threads see every row, in order, while rows are appended', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const until = 1000;
  const readers = [1, 2].map(() => startThread('followingThread.ts', { path, until }));
  const reports = readers.map((reader) => once(reader, 'message'));
  await fill(file.stream('events'), path, until * ROW_BYTES);
  for (const [report] of await Promise.all(reports)) expect(report).toEqual({ after: until, inOrder: true });
  await file.close();
});

test('readers that follow each other without a gap do not make the log grow without bound', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  const stop = new SharedArrayBuffer(4);
  const relay = startThread('relayThread.ts', { path, table: rowsTable('events'), stop });
  await once(relay, 'message');
  const largestWal = await fill(stream, path, WAL_MAX_BYTES + 8 * MIB);
  // That it got there shows that the readers are in the way.
  expect(largestWal).toBeGreaterThan(WAL_MAX_BYTES / 2);
  const deadline = performance.now() + 15_000;
  while (statSync(`${path}-wal`).size > WAL_MAX_BYTES / 2 && performance.now() < deadline) {
    await stream.append([{ payload: 'one more', at: 1 }]);
    await sleep(20);
  }
  expect(statSync(`${path}-wal`).size).toBeLessThanOrEqual(WAL_MAX_BYTES / 2);
  const turns = once(relay, 'message');
  Atomics.store(new Int32Array(stop), 0, 1);
  Atomics.notify(new Int32Array(stop), 0);
  expect((await turns)[0]).toBeGreaterThan(10);
  await file.close();
});
