/**
 * How fast the evidence store answers, at driver level:
 * `node test/src/bench/query.bench.ts [--requests 10000000] [--runs 20] [--dir <kept between runs>] [--only <part of a name>] [--days 7]`.
 * A directory is loaded once; a load that was interrupted goes on where it stood.
 */
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { EvidenceStore, ReadScope, RequestVersion } from '@aisix-observability/evidence';
import { type DuckDbStore, openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { ENVIRONMENT, generatedRequests, modelName } from './query/generatedRequests.ts';

const { values: args } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' },
    runs: { type: 'string', default: '20' },
    dir: { type: 'string' },
    only: { type: 'string', default: '' },
    batch: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '20' },
    days: { type: 'string', default: '7' },
  },
});
const REQUESTS = Number(args.requests);
const RUNS = Number(args.runs);
const BATCH = Number(args.batch);
const LIVE_SECONDS = Number(args.seconds);
const LIVE_PER_SECOND = 2_000;
/** How often the follower of the stream applies what has come. */
const LIVE_BATCH_MILLIS = 250;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const END = Date.parse('2026-11-25T17:23:41.500Z');
/** With `--requests 1430000 --days 1` a day is as full as with ten million over seven, at a seventh of the load's time. */
const START = END - Number(args.days) * DAY;

const scope: ReadScope = { environments: [ENVIRONMENT], visibility: {} };
const hash = (text: string) => createHmac('sha256', 'bench').update(text).digest('hex').slice(0, 12);

const directory = args.dir ?? mkdtempSync(join(tmpdir(), 'query-bench-'));
const countFile = join(directory, 'loaded.json');
const say = (line: string) => process.stdout.write(`${line}\n`);
const whole = (value: number) => Math.round(value).toLocaleString('en');

async function load(store: DuckDbStore): Promise<void> {
  const start = performance.now();
  let waiting: RequestVersion[] = [];
  let seq = 0;
  const held = store.position();
  let inStore = 0;
  const samples: string[] = [];
  const flush = async () => {
    const before = performance.now();
    await store.apply(waiting, seq);
    inStore += performance.now() - before;
    waiting = [];
  };
  for (const request of generatedRequests(REQUESTS, START, END)) {
    seq += 1;
    if (seq > held) waiting.push({ seq, json: JSON.stringify(request) });
    if (seq % Math.ceil(REQUESTS / 50) === 0) samples.push(request.requestId);
    if (waiting.length < BATCH) continue;
    await flush();
    if (seq % (BATCH * 20) === 0)
      say(`  ${whole(seq)} loaded, ${whole((seq - held) / (inStore / 1000))} requests/s in apply`);
  }
  await flush();
  say(
    `loaded ${whole(seq)} in ${whole((performance.now() - start) / 1000)} s with their generation; apply alone ${whole((seq - held) / (inStore / 1000))} requests/s`,
  );
  const settling = performance.now();
  await store.settle();
  say(`rolled up the rest in ${whole(performance.now() - settling)} ms`);
  writeFileSync(countFile, JSON.stringify({ requests: REQUESTS, samples }));
}

interface Query {
  readonly name: string;
  readonly goal?: number;
  run(store: EvidenceStore, run: number): Promise<string>;
}

const selection = (from: number) => ({ scope, from, to: END, filters: [] });
const page = (answer: { count: number; requests: string }) =>
  `${answer.count} rows, ${whole(answer.requests.length / 1024)} KiB`;
const lines = (answer: { series: readonly unknown[]; stats: { source: string } }) =>
  `${answer.series.length} series from ${answer.stats.source}`;

function queries(samples: readonly string[]): Query[] {
  const series = { groupBy: [], topN: 10 } as const;
  return [
    {
      name: 'newest 1000, 7 d',
      goal: 90,
      run: async (store) => page(await store.search({ ...selection(START), limit: 1000, order: 'newest' })),
    },
    {
      name: 'newest 1000 with status and model, 24 h',
      goal: 40,
      run: async (store) =>
        page(
          await store.search({
            ...selection(END - DAY),
            filters: [
              { field: 'status', op: 'eq', value: 502 },
              { field: 'requestedModel', op: 'eq', value: modelName(3) },
            ],
            limit: 1000,
            order: 'newest',
          }),
        ),
    },
    {
      name: 'by id, no time',
      goal: 10,
      run: async (store, run) =>
        page(await store.get({ scope, environment: ENVIRONMENT, requestId: samples[run % samples.length] ?? '' })),
    },
    {
      name: 'by an id that does not exist',
      goal: 10,
      run: async (store, run) =>
        page(await store.get({ scope, environment: ENVIRONMENT, requestId: `missing-${run}` })),
    },
    {
      name: 'volume by outcome, 24 h in 30 min',
      goal: 30,
      run: async (store) =>
        lines(await store.volume({ ...selection(END - DAY), ...series, groupBy: ['outcome'], intervalMs: HOUR / 2 })),
    },
    {
      name: 'volume by outcome, 7 d in 2 h',
      goal: 100,
      run: async (store) =>
        lines(await store.volume({ ...selection(START), ...series, groupBy: ['outcome'], intervalMs: 2 * HOUR })),
    },
    {
      name: 'volume by outcome, 24 h in 1 min',
      run: async (store) =>
        lines(await store.volume({ ...selection(END - DAY), ...series, groupBy: ['outcome'], intervalMs: 60_000 })),
    },
    {
      name: 'p95 by model, 24 h',
      goal: 100,
      run: async (store) =>
        lines(
          await store.metrics({
            ...selection(END - DAY),
            groupBy: ['requestedModel'],
            topN: 100,
            measures: ['p95'],
          }),
        ),
    },
    {
      name: 'p95 by model, 24 h in 30 min',
      goal: 100,
      run: async (store) =>
        lines(
          await store.metrics({
            ...selection(END - DAY),
            groupBy: ['requestedModel'],
            topN: 10,
            measures: ['p95'],
            intervalMs: HOUR / 2,
          }),
        ),
    },
    {
      name: 'p95 by model, 24 h, exact',
      run: async (store) =>
        lines(
          await store.metrics({
            ...selection(END - DAY),
            groupBy: ['requestedModel'],
            topN: 100,
            measures: ['p95'],
            exact: true,
          }),
        ),
    },
    {
      name: 'tokens by caller key, 7 d',
      goal: 400,
      run: async (store) =>
        lines(
          await store.metrics({
            ...selection(START),
            groupBy: ['apiKeyId'],
            topN: 500,
            measures: ['tokens_in', 'tokens_out', 'cost'],
          }),
        ),
    },
    {
      name: 'volume by served model, 24 h in 30 min (rows)',
      run: async (store) =>
        lines(
          await store.volume({ ...selection(END - DAY), ...series, groupBy: ['servedModel'], intervalMs: HOUR / 2 }),
        ),
    },
    {
      name: 'distinct models, 7 d',
      goal: 10,
      run: async (store) =>
        `${(await store.values({ scope, field: 'requestedModel', from: START, to: END, limit: 100 })).values.length} values`,
    },
    {
      name: 'distinct caller keys, 7 d',
      goal: 10,
      run: async (store) =>
        `${(await store.values({ scope, field: 'apiKeyId', from: START, to: END, limit: 1000 })).values.length} values`,
    },
    {
      name: 'free text that nothing has, 24 h',
      goal: 500,
      run: async (store) =>
        page(await store.search({ ...selection(END - DAY), text: 'no such words', limit: 100, order: 'newest' })),
    },
    {
      name: 'free text of an error message, 24 h',
      goal: 500,
      run: async (store) =>
        page(
          await store.search({ ...selection(END - DAY), text: 'server had an error', limit: 1000, order: 'newest' }),
        ),
    },
    {
      name: 'attempt status 502 and not the request, 24 h',
      run: async (store) =>
        page(
          await store.search({
            ...selection(END - DAY),
            filters: [
              { field: 'attempt.status', op: 'eq', value: 502 },
              { field: 'status', op: 'eq', value: 200 },
            ],
            limit: 100,
            order: 'newest',
          }),
        ),
    },
  ];
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

async function ask(store: EvidenceStore, all: readonly Query[], runs: number): Promise<void> {
  say(
    `${'query'.padEnd(50)} ${'goal'.padStart(6)} ${'first'.padStart(8)} ${'p50'.padStart(8)} ${'p95'.padStart(8)} ${'CPU'.padStart(8)}  answer`,
  );
  for (const { name, goal, run } of all) {
    if (!name.includes(args.only)) continue;
    const times: number[] = [];
    const processor: number[] = [];
    let answer = '';
    for (let at = 0; at <= runs; at += 1) {
      const start = performance.now();
      const used = process.cpuUsage();
      answer = await run(store, at);
      times.push(performance.now() - start);
      const { user, system } = process.cpuUsage(used);
      processor.push((user + system) / 1000);
    }
    const [first = 0, ...rest] = times;
    const sorted = rest.toSorted((a, b) => a - b);
    const cell = (value: number) => value.toFixed(1).padStart(8);
    say(
      `${name.padEnd(50)} ${String(goal ?? '').padStart(6)} ${cell(first)} ${cell(quantile(sorted, 0.5))} ${cell(quantile(sorted, 0.95))} ${cell(
        quantile(
          processor.toSorted((a, b) => a - b),
          0.5,
        ),
      )}  ${answer}`,
    );
  }
}

/** The same questions while requests arrive, which are all new and start now. */
async function live(store: DuckDbStore, all: readonly Query[]): Promise<void> {
  let over = false;
  const lags: number[] = [];
  const writing = (async () => {
    const position = store.position();
    const start = performance.now();
    let sent = 0;
    const incoming = generatedRequests(LIVE_PER_SECOND * 600, END, END + 600_000, Math.floor(position % 1e6));
    while (!over) {
      await sleep(LIVE_BATCH_MILLIS);
      const due = Math.floor(((performance.now() - start) / 1000) * LIVE_PER_SECOND);
      const batch: RequestVersion[] = [];
      const made = performance.now();
      while (sent < due) {
        const request = incoming.next().value;
        if (request === undefined) break;
        sent += 1;
        batch.push({ seq: position + sent, json: JSON.stringify(request) });
      }
      await store.apply(batch, position + sent);
      lags.push(performance.now() - made);
    }
    say(`applied ${whole(sent / ((performance.now() - start) / 1000))} requests/s meanwhile`);
  })();
  const until = performance.now() + LIVE_SECONDS * 1000;
  do await ask(store, all, Math.min(RUNS, 5));
  while (performance.now() < until && args.only === '');
  over = true;
  await writing;
  const sorted = lags.toSorted((a, b) => a - b);
  say(
    `apply of ${LIVE_BATCH_MILLIS} ms of requests: p50 ${quantile(sorted, 0.5).toFixed(0)} p99 ${quantile(sorted, 0.99).toFixed(0)} max ${quantile(sorted, 1).toFixed(0)} ms`,
  );
}

const delay = monitorEventLoopDelay({ resolution: 5 });
let store = await openDuckDbStore({ directory, hash });
if (!existsSync(countFile)) {
  await load(store);
  await store.close();
  const opening = performance.now();
  store = await openDuckDbStore({ directory, hash });
  say(`opened again in ${(performance.now() - opening).toFixed(0)} ms`);
}
const loaded = JSON.parse(readFileSync(countFile, 'utf8')) as { requests: number; samples: string[] };
const stats = await store.stats();
say(
  `${whole(stats.requests)} requests, ${(stats.bytes / stats.requests).toFixed(1)} bytes each on disk, ${stats.days} days`,
);
delay.enable();
await ask(store, queries(loaded.samples), RUNS);
say(
  `event loop held up at most ${(delay.max / 1e6).toFixed(0)} ms (p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms)`,
);
delay.reset();
if (LIVE_SECONDS > 0) {
  say(`\nwhile ${whole(LIVE_PER_SECOND)} requests/s arrive`);
  await live(store, queries(loaded.samples));
  say(
    `event loop held up at most ${(delay.max / 1e6).toFixed(0)} ms (p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms)`,
  );
}
say(`resident memory ${whole(process.memoryUsage().rss / 2 ** 20)} MiB`);
await store.close();
if (args.dir === undefined) rmSync(directory, { recursive: true });
