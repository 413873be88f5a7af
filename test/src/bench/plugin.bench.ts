/**
 * What the data source does in the browser: from the last byte of an answer to frames, for 1,000 requests, in the engine
 * that Chromium has, too. `node test/src/bench/plugin.bench.ts [--rounds 200]`.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { parseArgs } from 'node:util';
import { report } from './result.ts';

const { values: args } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const ROUNDS = Number(args.rounds);
const REQUESTS = 1000;
const GOAL_MILLIS = 30;

const PLUGIN = new URL('../../../grafana-plugin/', import.meta.url);
const requireOfPlugin = createRequire(new URL('package.json', PLUGIN));

// The plugin's modules are written for a bundler: their names have no extension, and Grafana's packages are asked for in
// the form that Node can load.
registerHooks({
  resolve: (specifier, context, next) => {
    if (!context.parentURL?.startsWith(new URL('src/', PLUGIN).href)) return next(specifier, context);
    if (specifier.startsWith('.')) return next(/\.\w+$/.test(specifier) ? specifier : `${specifier}.ts`, context);
    const conditions = context.conditions.filter((each) => each !== 'import');
    return next(specifier, { ...context, conditions: [...conditions, 'require'] });
  },
});

interface Frame {
  readonly length: number;
}

interface Answers {
  subscribe(next: (answer: { readonly data: readonly Frame[] }) => void): unknown;
}

/** Of the plugin and of rxjs what is called here; the plugin's own types need a bundler's settings. */
interface Modules {
  readonly runRequest: (request: object, context: object) => Answers;
  readonly createDirectory: (client: object, now: () => number) => object;
  readonly of: (value: unknown) => object;
}

const load = (path: string) => import(new URL(`src/${path}`, PLUGIN).href) as Promise<Partial<Modules>>;
const { runRequest, createDirectory, of } = {
  ...(await load('run/runRequest.ts')),
  ...(await load('api/directory.ts')),
  ...(requireOfPlugin('rxjs') as Pick<Modules, 'of'>),
} as Modules;

/** The recorded requests again and again, each with ids of its own, as the server writes them. */
function answerText(): string {
  const path = new URL('vitest/fixtures/requests.json', PLUGIN);
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as readonly { readonly startTime: number }[];
  const requests = Array.from({ length: REQUESTS }, (_, at) => {
    const request = recorded[at % recorded.length];
    return { ...request, requestId: `req-${at}`, startTime: (request?.startTime ?? 0) + at };
  });
  return JSON.stringify({ requests, stats: { elapsedMs: 1, rows: REQUESTS } });
}

const text = answerText();
const fields = { fields: [], measures: [], environments: [{ id: 'x', name: 'prod' }] };
const client = {
  search: () => of(JSON.parse(text)),
  fields: () => of(fields),
  markers: () => of({ markers: [], gaps: [] }),
};
const context = {
  client,
  directory: createDirectory(client, Date.now),
  audit: { mayBe: () => false, watch: (answer: unknown) => answer },
  templates: { replace: (given: string) => given, getVariables: () => [] },
  links: () => ({ self: { uid: 'aisix', name: 'AISIX' }, tracing: { uid: 'tempo', name: 'Tempo', type: 'tempo' } }),
  environment: undefined,
  visibility: { markers: true, names: true, changeRows: false },
};
const [from, to] = [{ valueOf: () => 0 }, { valueOf: () => 3_600_000 }];
const request = {
  app: 'explore',
  targets: [{ refId: 'A', queryType: 'requests', version: 1, limit: REQUESTS }],
  range: { from, to },
  intervalMs: 1000,
  scopedVars: {},
};

interface Spent {
  readonly millis: number;
  /** Of the processor: the same on a machine that others use, too. */
  readonly cpuMillis: number;
}

/** One answer. */
function round(): Spent {
  const start = performance.now();
  const cpu = process.threadCpuUsage();
  let rows = 0;
  runRequest(request, context).subscribe(({ data }) => {
    rows = data[0]?.length ?? 0;
  });
  const { user, system } = process.threadCpuUsage(cpu);
  const millis = performance.now() - start;
  if (rows !== REQUESTS) throw new Error(`${rows} rows, expected ${REQUESTS}`);
  return { millis, cpuMillis: (user + system) / 1000 };
}

// The first one is what a person waits for who has just opened the page: nothing is compiled yet.
const first = round();
const spent = Array.from({ length: ROUNDS }, round);
const at = (share: number, read: (each: Spent) => number) => {
  const sorted = spent.map(read).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
const p95 = at(0.95, ({ millis }) => millis);
const told = [
  `p50 ${at(0.5, ({ millis }) => millis).toFixed(1)} ms`,
  `p95 ${p95.toFixed(1)} ms`,
  `processor p50 ${at(0.5, ({ cpuMillis }) => cpuMillis).toFixed(1)} ms`,
];
report({
  what: `plugin: from the last byte to frames, ${REQUESTS} requests (${Math.round(text.length / 1024)} KiB)`,
  measured: told.join(', '),
  goal: `< ${GOAL_MILLIS} ms`,
  met: p95 < GOAL_MILLIS,
});
report({
  what: 'plugin: the same, the first time in a page',
  measured: `${first.millis.toFixed(1)} ms, processor ${first.cpuMillis.toFixed(1)} ms`,
  goal: '–',
});
