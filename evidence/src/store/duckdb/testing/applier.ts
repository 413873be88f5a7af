/** Applies the stream of `versionStream.ts` to the store in a directory, from where it stands, until it is killed. */
import { openDuckDbStore } from '../openDuckDbStore.ts';
import { versionAt } from './versionStream.ts';

const [directory = '', batch = '200'] = process.argv.slice(2);
const BATCH = Number(batch);
/** Rollups and checkpoints are made in between, so that kills hit them as well. */
const SETTLE_EVERY = 7;

const store = await openDuckDbStore({ directory, hash: (text) => text });
process.stdout.write(`open at ${store.position()}\n`);
for (let round = 1; ; round += 1) {
  const from = store.position() + 1;
  const versions = Array.from({ length: BATCH }, (_, at) => versionAt(from + at));
  await store.apply(versions, from + BATCH - 1);
  process.stdout.write(`applied ${store.position()}\n`);
  if (round % SETTLE_EVERY === 0) await store.settle();
}
