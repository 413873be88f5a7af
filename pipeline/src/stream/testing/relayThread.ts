/**
 * A worker thread with two connections that take turns at reading and overlap, each for a few milliseconds, so that
 * there is never a moment without a reader inside the log.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const { path, table, stop } = workerData as {
  readonly path: string;
  readonly table: string;
  /** Set to 1 by the parent to end it. */
  readonly stop: SharedArrayBuffer;
};
const TURN_MS = 3;
const flag = new Int32Array(stop);
let [next, reading] = [0, 1].map(() => new DatabaseSync(path, { readOnly: true })) as [DatabaseSync, DatabaseSync];
reading.exec('BEGIN');
parentPort?.postMessage('reading');
let turns = 0;
while (Atomics.wait(flag, 0, 0, TURN_MS) === 'timed-out') {
  next.exec('BEGIN');
  next.prepare(`SELECT max(seq) FROM ${table}`).get();
  reading.exec('COMMIT');
  [next, reading] = [reading, next];
  turns += 1;
}
reading.exec('COMMIT');
for (const db of [next, reading]) db.close();
parentPort?.postMessage(turns);
