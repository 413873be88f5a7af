import { once } from 'node:events';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openStreamFile } from './openStreamFile.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { WAL_MAX_BYTES } from './walGuard.ts';

const MIB = 2 ** 20;
/** More than twice what the log may hold. */
const TOTAL_BYTES = 160 * MIB;
const ROW_BYTES = 20_000;
const ROWS_PER_APPEND = 50;

test('readers in other threads see every row in order, and do not make the log grow without bound', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  const until = Math.ceil(TOTAL_BYTES / ROW_BYTES / ROWS_PER_APPEND) * ROWS_PER_APPEND;
  // Several, so that there is hardly a moment without one inside the log.
  const readers = Array.from(
    { length: 3 },
    () => new Worker(new URL('testing/followingThread.ts', import.meta.url), { workerData: { path, until } }),
  );
  const reports = readers.map((reader) => once(reader, 'message'));
  await Promise.all(readers.map((reader) => once(reader, 'online')));

  let largestWal = 0;
  for (let seq = 0; seq < until; ) {
    const payloads = Array.from({ length: ROWS_PER_APPEND }, () => {
      seq += 1;
      return { payload: `${seq} `.padEnd(ROW_BYTES, 'x'), at: seq };
    });
    await stream.append(payloads);
    largestWal = Math.max(largestWal, statSync(`${path}-wal`).size);
  }
  for (const [report] of await Promise.all(reports)) expect(report).toEqual({ after: until, inOrder: true });
  expect(largestWal).toBeLessThan(WAL_MAX_BYTES + 16 * MIB);
  await file.close();
});
