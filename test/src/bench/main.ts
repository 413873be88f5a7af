/**
 * `pnpm bench [streams|deliver|spans|path|query]… ` runs the named benchmarks, or all, one after the other; what follows `--`
 * goes to each of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BENCHMARKS = ['streams', 'deliver', 'spans', 'path', 'query'] as const;

const given = process.argv.slice(2);
const divider = given.indexOf('--');
const names = divider < 0 ? given : given.slice(0, divider);
const flags = divider < 0 ? [] : given.slice(divider + 1);
const unknown = names.filter((name) => !BENCHMARKS.some((known) => known === name));
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.join(', ')}\n`);
  process.exit(2);
}
for (const name of names.length === 0 ? BENCHMARKS : names) {
  process.stdout.write(`\n== ${name}\n`);
  const program = fileURLToPath(new URL(`./${name}.bench.ts`, import.meta.url));
  const [code] = await once(spawn(process.execPath, [program, ...flags], { stdio: 'inherit' }), 'exit');
  if (code !== 0) process.exitCode = 1;
}
