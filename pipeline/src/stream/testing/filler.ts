/**
 * Appends rows of 10 kB, one for each line on its input, and answers `stored <seq>` or `refused <code> <SQLite's code>`:
 * `node filler.ts <path>`. A line `close` closes the file.
 */
import { createInterface } from 'node:readline';
import { StreamUnavailableError } from '../errors.ts';
import { openStreamFile } from '../openStreamFile.ts';
import { sqliteCode } from '../sqliteErrors.ts';

const file = openStreamFile(process.argv[2] ?? '');
const stream = file.stream('events');
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'close') break;
  try {
    const seq = await stream.append([{ payload: `${line} `.padEnd(10_000, 'x'), at: 1 }]);
    process.stdout.write(`stored ${seq} ${line}\n`);
  } catch (error) {
    const code = error instanceof StreamUnavailableError ? `${error.code} ${sqliteCode(error.cause)}` : String(error);
    process.stdout.write(`refused ${code} ${line}\n`);
  }
}
await file.close();
