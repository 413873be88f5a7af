/**
 * `pnpm bench [<name>]… ` runs the named benchmarks (below), or all, one after the other; what follows `--`
 * goes to each of them (`pnpm bench path -- ack`). Ends with one table of all goals.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { machine } from './machine.ts';
import { type BenchResult, TABLE_HEAD, tableRow } from './result.ts';

const BENCHMARKS = [
  'streams',
  'deliver',
  'spans',
  'path',
  'query',
  'ledger',
  'plugin',
  'weigh',
  'investigate',
] as const;

const given = process.argv.slice(2);
const divider = given.indexOf('--');
const names = divider < 0 ? given : given.slice(0, divider);
const flags = divider < 0 ? [] : given.slice(divider + 1);
const unknown = names.filter((name) => !BENCHMARKS.some((known) => known === name));
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.join(', ')}\n`);
  process.exit(2);
}
const results: BenchResult[] = [];
for (const name of names.length === 0 ? BENCHMARKS : names) {
  process.stdout.write(`\n== ${name}\n`);
  const program = fileURLToPath(new URL(`./${name}.bench.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, ...flags], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (result) => results.push(result as BenchResult));
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = 1;
}
process.stdout.write(`\n${machine()}\n\n${[TABLE_HEAD, ...results.map(tableRow)].join('\n')}\n`);
