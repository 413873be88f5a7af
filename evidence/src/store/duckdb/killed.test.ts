import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { EvidenceStore } from '../store.ts';
import { openDuckDbStore } from './openDuckDbStore.ts';
import { newestUpTo, versionAt } from './testing/versionStream.ts';

const ROUNDS = 6;
const ALWAYS = { from: 0, to: 4e12 };

/** Runs the applier until it has acknowledged `batches` and then for a while longer; kills it in the middle of work. */
async function applyAndKill(directory: string, batches: number, afterMillis: number): Promise<number> {
  const program = fileURLToPath(new URL('testing/applier.ts', import.meta.url));
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const closed = once(child, 'close');
  let acknowledged = 0;
  let applied = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const position = Number(/^applied (\d+)$/.exec(line)?.[1] ?? 0);
    if (position === 0) continue;
    acknowledged = Math.max(acknowledged, position);
    applied += 1;
    if (applied !== batches) continue;
    setTimeout(() => child.kill('SIGKILL'), afterMillis);
  }
  await closed;
  return acknowledged;
}

async function readAll(store: EvidenceStore): Promise<string[]> {
  const all: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.read({ ...ALWAYS, limit: 5_000, ...(after !== undefined && { after }) });
    all.push(...page.requests);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** Requests in one order, with their members in one order. */
function sameForm(requests: readonly string[]): string[] {
  return requests
    .map((json) => JSON.stringify(Object.entries(JSON.parse(json) as object).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted();
}

async function counted(store: EvidenceStore) {
  const scope = { environments: ['prod'], visibility: {} };
  const { buckets: _, ...answer } = await store.volume({
    ...ALWAYS,
    scope,
    filters: [],
    intervalMs: 1e12,
    groupBy: ['outcome'],
    topN: 9,
  });
  return {
    source: answer.stats.source,
    byOutcome: Object.fromEntries(
      answer.series.map(({ labels, values }) => [
        labels.outcome,
        values.reduce<number>((sum, one) => sum + (one ?? 0), 0),
      ]),
    ),
  };
}

test('kill -9 in the middle of loads, rollups and checkpoints: nothing lost, nothing twice', {
  timeout: 600_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'killed-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const acknowledged = await applyAndKill(directory, 3 + round * 2, round * 23);
    const store = await openDuckDbStore({ directory, hash: (text) => text });
    const position = store.position();
    expect(position).toBeGreaterThanOrEqual(acknowledged);
    // What was half done is done again by whoever follows the stream, in batches of another size.
    const upTo = position + 350;
    for (let from = position - 40; from <= upTo; from += 90) {
      const to = Math.min(from + 89, upTo);
      const versions = Array.from({ length: to - from + 1 }, (_, at) => versionAt(from + at));
      await store.apply(versions, to);
    }
    expect(store.position()).toBe(upTo);
    const expected = newestUpTo(upTo);
    expect(sameForm(await readAll(store))).toEqual(sameForm(expected));
    const outcomes = Map.groupBy(expected, (json) => (JSON.parse(json) as { outcome: string }).outcome);
    const byOutcome = Object.fromEntries([...outcomes].map(([outcome, of]) => [outcome, of.length]));
    expect((await counted(store)).byOutcome).toEqual(byOutcome);
    await store.settle();
    expect((await counted(store)).byOutcome).toEqual(byOutcome);
    expect((await store.stats()).requests).toBe(expected.length);
    await store.close();
  }
});

test('what a kill left between two files is put right when the same is applied again', {
  timeout: 120_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'torn-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = await openDuckDbStore({ directory, hash: (text) => text });
  const versions = Array.from({ length: 240 }, (_, at) => versionAt(at + 1));
  await store.apply(versions.slice(0, 120), 120);
  // The same as committed days without their main file: rows are there, the position is not.
  await store.apply(versions, 120);
  await sleep(0);
  expect(store.position()).toBe(120);
  await store.apply(versions.slice(120), 240);
  expect(sameForm(await readAll(store))).toEqual(sameForm(newestUpTo(240)));
  await store.close();
});

test('a kill between the commit of a day and that of the main file shows no request twice', {
  timeout: 120_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'torn-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const before = join(directory, 'before');
  const main = (file: string) => ({ kept: join(before, file), used: join(directory, 'store', file) });
  const files = ['main.duckdb', 'main.duckdb.wal'].map(main);
  const open = () => openDuckDbStore({ directory: join(directory, 'store'), hash: (text) => text });
  const versions = Array.from({ length: 240 }, (_, at) => versionAt(at + 1));
  let store = await open();
  const opens = versions.filter(({ json }) => (JSON.parse(json) as { state: string }).state === 'open');
  expect(opens.length).toBeGreaterThan(10);
  await store.apply(opens, 240);
  mkdirSync(before);
  for (const { kept, used } of files) if (existsSync(used)) copyFileSync(used, kept);
  await store.apply(versions, 240);
  await store.close();
  for (const { kept, used } of files) {
    rmSync(used, { force: true });
    if (existsSync(kept)) copyFileSync(kept, used);
  }
  store = await open();
  expect(sameForm(await readAll(store))).toEqual(sameForm(newestUpTo(240)));
  await store.close();
});
