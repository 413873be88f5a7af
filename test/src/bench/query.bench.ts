/**
 * How fast the API answers over a store of generated requests, on a quiet server and while requests arrive:
 * `node test/src/bench/query.bench.ts [--requests 10000000] [--days 7] [--runs 20] [--dir <kept between runs>]
 * [--only <part of a name>] [--rate 2000]`. A directory is filled once. The server is a process of its own, started as
 * `pnpm start` starts it; times are those of a client, from the first byte sent to the last byte read.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './machine.ts';
import { type QueryServer, startQueryServer } from './query/api.ts';
import { ask } from './query/ask.ts';
import { measureBesideHeavy } from './query/beside.ts';
import { fill } from './query/fill.ts';
import { measureWhileIngesting } from './query/ingesting.ts';
import { questions } from './query/questions.ts';
import { measureVisible } from './query/visible.ts';
import { megabytes, report, thousands } from './result.ts';

const { values: args } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' },
    days: { type: 'string', default: '7' },
    runs: { type: 'string', default: '20' },
    dir: { type: 'string' },
    only: { type: 'string', default: '' },
    rate: { type: 'string', default: '2000' },
  },
});
/** What everybody asks all the time. */
const LIGHT = ['newest 1000, 7 d', 'by id, no time', 'volume by outcome, 24 h in 30 min'];
const root = args.dir ?? mkdtempSync(join(tmpdir(), 'query-bench-'));
process.stdout.write(`${machine()}\n`);
const filled = await fill({ root, requests: Number(args.requests), days: Number(args.days) });
const started = performance.now();
const server = await startQueryServer(root);
process.stdout.write(`the server is ready after ${thousands(performance.now() - started)} ms\n`);
await sizes(server);
const all = (end: number) => questions(end, filled.samples).filter(({ name }) => name.includes(args.only));
await ask(server, all(filled.end), { runs: Number(args.runs), label: '' });
if (args.only === '') {
  await measureBesideHeavy(server, {
    end: filled.end,
    runs: Number(args.runs),
    light: all(filled.end).filter(({ name }) => LIGHT.includes(name)),
  });
}
if (Number(args.rate) > 0) {
  if (args.only === '') await measureVisible(server, '');
  const label = ', while requests arrive';
  await measureWhileIngesting(server, {
    rate: Number(args.rate),
    async work() {
      await ask(server, all(Date.now()), { runs: Number(args.runs), label });
      if (args.only === '') await measureVisible(server, label);
    },
  });
}
await server.stop();
if (args.dir === undefined) rmSync(root, { recursive: true });

async function sizes({ process: server }: QueryServer): Promise<void> {
  const { store } = await server.status();
  if (store === undefined) throw new Error('the server has no store');
  const each = store.bytes / store.requests;
  report({
    what: `${thousands(store.requests)} requests of ${store.days} days`,
    measured: `${each.toFixed(1)} bytes on disk for each with its attempts, ${megabytes(server.usage().residentBytes)} resident after the start`,
    goal: '≤ 110 bytes',
    met: each <= 110,
  });
}
