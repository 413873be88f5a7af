/**
 * Appends without a pause until it is killed: `node appender.ts <path> <round>`. Prints `ack <lastSeq> <payload>…` for
 * every acknowledged call (and a dot, so that a torn line shows) before it goes on, so that what the parent has read was acknowledged for sure.
 */
import { writeSync } from 'node:fs';
import { openStreamFile } from '../openStreamFile.ts';

const [path = '', round = ''] = process.argv.slice(2);
const CALLERS = 6;
/** Rows of `events` that are left alone, so that the parent finds most of what was acknowledged. */
const KEPT_ROWS = 2000;

const file = openStreamFile(path);
const events = file.stream('events');
const copies = file.stream('copies');

async function call(caller: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const payloads = Array.from({ length: 1 + (n % 4) }, (_, part) => `${round}.${caller}.${n}.${part}`);
    const memo = 'm'.repeat((n * 37) % 3000);
    const lastSeq = await events.append(payloads.map((payload, part) => ({ payload, at: n, key: BigInt(part), memo })));
    writeSync(1, `ack ${lastSeq} ${payloads.join(' ')} .\n`);
    if (caller !== 0) continue;
    // The second half of a pipeline: what was read, and how far, in one transaction.
    file.transact(() => {
      const rows = events.read(file.cursors.get('copier') ?? 0, { rows: 100, bytes: 1e6 });
      copies.appendNow(rows.map(({ seq, at }) => ({ payload: `copy of ${seq}`, at })));
      file.cursors.set('copier', rows.at(-1)?.seq ?? file.cursors.get('copier') ?? 0);
    });
    if (n % 20 === 0) await events.trimTo(events.stats().lastSeq - KEPT_ROWS);
  }
}

await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
