/**
 * How fast questions of what broke what are answered by the API over a store of generated requests:
 * `node test/src/bench/investigate.bench.ts [--requests 10000000] [--days 7] [--runs 40] [--dir <kept between runs>]`.
 * A directory is filled once, as by `query.bench.ts`; times are those of a client.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { ConfigChange } from '@aisix-observability/evidence';
import { postSigned, WEBHOOK_SECRET } from '../audit/signedDelivery.ts';
import { waitFor } from '../faults/waiting.ts';
import { machine } from './machine.ts';
import { type QueryServer, startQueryServer } from './query/api.ts';
import { ask } from './query/ask.ts';
import { fill } from './query/fill.ts';
import { ENVIRONMENT, MODELS, modelName } from './query/generatedRequests.ts';
import type { Question } from './query/questions.ts';
import { thousands } from './result.ts';

const { values: args } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' },
    days: { type: 'string', default: '7' },
    runs: { type: 'string', default: '40' },
    dir: { type: 'string' },
  },
});
const HOUR = 3_600_000;
const CHANGES = 50;
/** Events of one delivery. */
const BATCH = 20;

const MINUTE = 60_000;
/** A server is asked when its start is over. */
const SETTLED_MILLIS = 10_000;
/** Minutes before a change and after it that are looked through. */
const WINDOW_MINUTES = 80;

const root = args.dir ?? mkdtempSync(join(tmpdir(), 'investigate-bench-'));
process.stdout.write(`${machine()}\n`);
const { end, samples, requests } = await fill({ root, requests: Number(args.requests), days: Number(args.days) });
const audit = { audit: { webhooks: [{ name: 'cloud', path: '/audit/cloud', secrets: [WEBHOOK_SECRET] }] } };
const before = await startQueryServer(root, audit);
await makeChanges(before);
const changes = await judged(before);
await before.stop();
// Nobody has asked this server anything yet: the first answer of each question is a cold one.
const server = await startQueryServer(root, audit);
await delay(SETTLED_MILLIS);
const around = thousands((requests / (Number(args.days) * 24 * HOUR)) * WINDOW_MINUTES * MINUTE);
const hour = { from: end - HOUR, to: end, environment: 'prod' };
const questions: Question[] = [
  {
    name: `weigh one change, about ${around} requests around it`,
    goal: 300,
    path: '/investigations/impact',
    // Each run another change, as people ask.
    body: (run) => ({ id: changes[(run * 7) % changes.length]?.id }),
  },
  {
    name: 'explain one request',
    goal: 100,
    path: '/investigations/request',
    body: (run) => ({ requestId: samples[run % samples.length] }),
  },
  {
    name: `incidents of 1 h, ${changes.length} changes`,
    goal: 2_000,
    path: '/investigations/incident',
    body: () => hour,
  },
  {
    name: `what began at a named time in 1 h, ${changes.length} changes`,
    goal: 2_000,
    path: '/investigations/incident',
    body: () => ({ ...hour, start: end - HOUR / 2 }),
  },
];
process.stdout.write(`${thousands(requests)} requests are stored; goals hold for 19 of 20 answers\n`);
await ask(server, questions, { runs: Number(args.runs), label: '', goalOf: 0.95 });
await server.stop();
if (args.dir === undefined) rmSync(root, { recursive: true });

/** Every model as it was, and changes of them in the last hour. */
async function makeChanges({ ingestUrl }: QueryServer): Promise<void> {
  const model = (rank: number, timeout: number) => ({ display_name: modelName(rank), model_name: 'm', timeout });
  const event = (id: string, rank: number, at: number, before: object | null, after: object) => ({
    schema_version: '1.0',
    id,
    occurred_at: new Date(at).toISOString(),
    action: before === null ? 'create' : 'update',
    actor: { type: 'user', id: 'kim', name: 'kim' },
    resource: { type: 'model', id: `model-id-${rank}`, name: modelName(rank) },
    environment: { id: ENVIRONMENT },
    before,
    after,
    source: 'dashboard',
  });
  const events = [
    ...Array.from({ length: MODELS }, (_, rank) =>
      event(`made-${rank}`, rank, end - 6 * HOUR, null, model(rank, 30_000)),
    ),
    ...Array.from({ length: CHANGES }, (_, index) => {
      const at = end - HOUR + (index * HOUR) / CHANGES;
      return event(
        `changed-${index}`,
        index % MODELS,
        at,
        model(index % MODELS, 30_000),
        model(index % MODELS, 20_000),
      );
    }),
  ];
  for (let at = 0; at < events.length; at += BATCH) {
    const answer = await postSigned(`${ingestUrl}/audit/cloud`, events.slice(at, at + BATCH));
    if (!answer.ok) throw new Error(`events were answered ${answer.status}: ${await answer.text()}`);
  }
}

/** The changes of the last hour, when the looks at them that are due are made: they share the machine. */
async function judged(api: QueryServer): Promise<ConfigChange[]> {
  const body = { from: end - HOUR, to: end, limit: 100, environment: 'prod' };
  return waitFor(
    'looks at all changes',
    async () => {
      const { changes: found } = JSON.parse(await api.ask('/changes/search', body)) as { changes: ConfigChange[] };
      return found.length >= CHANGES && found.every(({ verdict }) => verdict?.computed !== undefined) && found;
    },
    { timeoutMillis: 300_000, everyMillis: 500 },
  );
}
