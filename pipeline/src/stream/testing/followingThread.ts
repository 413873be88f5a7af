/** A worker thread that follows a stream from its beginning with short reads and no pause, until it has seen a position. */
import { parentPort, workerData } from 'node:worker_threads';
import { openStreamFile } from '../openStreamFile.ts';

const { path, until } = workerData as { readonly path: string; readonly until: number };
const file = openStreamFile(path, { readOnly: true });
const stream = file.stream('events');
let after = 0;
let inOrder = true;
while (after < until) {
  for (const { seq, payload } of stream.read(after, { rows: 50, bytes: 1e6 })) {
    inOrder &&= seq === after + 1 && payload.startsWith(`${seq} `);
    after = seq;
  }
}
await file.close();
parentPort?.postMessage({ after, inOrder });
