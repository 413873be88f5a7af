import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, onTestFinished, test } from 'vitest';
import { exampleRequest } from '../conformance/exampleRequest.ts';
import { StoreUnavailableError } from '../store.ts';
import { openDuckDbStore } from './openDuckDbStore.ts';
import { SCHEMA_VERSION } from './sql/schema.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const hash = (text: string) => `hash of ${text.length}`;

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'open-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const version = (seq: number, startTime: number) => ({
  seq,
  json: JSON.stringify(
    exampleRequest({ requestId: `request-${seq}`, startTime, endTime: startTime + 1, durationMs: 1 }),
  ),
});

async function run(path: string, ...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

const schemaIs = (version: number) => `UPDATE meta SET value = '${version}' WHERE name = 'schema'`;
const changeMeta = (path: string, schema: number) => run(path, schemaIs(schema));

test.each([
  ['the main file', 'main.duckdb'],
  ['the file of a day', 'days/2026-11-20.duckdb'],
])('%s of a newer version of the software is refused and left as it is', async (_, file) => {
  const directory = temporaryDirectory();
  const store = await openDuckDbStore({ directory, hash });
  await store.apply([version(1, NOON)], 1);
  await store.close();
  await changeMeta(join(directory, file), 99);
  await expect(openDuckDbStore({ directory, hash })).rejects.toThrow(/schema 99; this version .* knows \d+ at most/);
  await changeMeta(join(directory, file), SCHEMA_VERSION);
  const again = await openDuckDbStore({ directory, hash });
  expect((await again.stats()).requests).toBe(1);
  await again.close();
});

test('a store of the first version, which kept failed requests among the others, is brought forward', async () => {
  const directory = temporaryDirectory();
  const store = await openDuckDbStore({ directory, hash });
  const failed = exampleRequest({ requestId: 'failed', startTime: NOON, status: 502, outcome: 'provider_error' });
  const others = [1, 2, 3].map((seq) => version(seq, NOON + (seq - 1) * DAY));
  await store.apply([...others, { seq: 4, json: JSON.stringify(failed) }], 4);
  const scope = { environments: ['prod'], visibility: {} };
  const all = { scope, from: 0, to: 4e12, filters: [], limit: 10, order: 'newest' } as const;
  const badOnes = { ...all, filters: [{ field: 'status', op: 'gte', value: 500 }] } as const;
  const answers = async (of: typeof store) => [
    JSON.parse((await of.search(all)).requests),
    JSON.parse((await of.search(badOnes)).requests),
    (await of.stats()).requests,
  ];
  const before = await answers(store);
  expect(before[1]).toMatchObject([{ requestId: 'failed' }]);
  await store.close();
  await run(
    join(directory, 'days/2026-11-20.duckdb'),
    'INSERT INTO requests SELECT * FROM failed',
    'DROP TABLE failed',
    schemaIs(1),
  );
  // A kill in the middle of bringing forward: the main file and the other days are done, this one is not.
  for (let opening = 0; opening < 2; opening += 1) {
    const again = await openDuckDbStore({ directory, hash });
    expect(await answers(again)).toEqual(before);
    await again.close();
  }
});

test('files that a kill left unfinished are thrown away, logs without a file too', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'days'));
  for (const name of [
    '2026-11-20.duckdb.new',
    '2026-11-20.duckdb.new.wal',
    '2026-11-20.duckdb.wal',
    'main.duckdb.new',
  ]) {
    writeFileSync(join(directory, name.startsWith('main') ? name : `days/${name}`), 'half a file');
  }
  const store = await openDuckDbStore({ directory, hash });
  expect(readdirSync(join(directory, 'days'))).toEqual([]);
  await store.apply([version(1, NOON)], 1);
  await store.close();
  const again = await openDuckDbStore({ directory, hash });
  expect((await again.stats()).requests).toBe(1);
  await again.close();
});

test('a damaged day is named', async () => {
  const directory = temporaryDirectory();
  await (await openDuckDbStore({ directory, hash })).close();
  writeFileSync(join(directory, 'days', '2026-11-20.duckdb'), 'no database'.repeat(2_000));
  const opening = openDuckDbStore({ directory, hash });
  await expect(opening).rejects.toThrow(StoreUnavailableError);
  await expect(opening).rejects.toThrow(/2026-11-20\.duckdb/);
});

test('dropping days takes their files away, also while a query reads them', async () => {
  const directory = temporaryDirectory();
  const store = await openDuckDbStore({ directory, hash });
  await store.apply(
    [0, 1, 2].map((day) => version(day + 1, NOON + day * DAY)),
    3,
  );
  const scope = { environments: ['prod'], visibility: {} };
  const query = { scope, from: 0, to: 4e12, filters: [], limit: 10, order: 'newest' } as const;
  const [found, dropped] = await Promise.all([store.search(query), store.dropBefore(NOON + DAY)]);
  expect([found.count, dropped]).toEqual([3, { days: 1, requests: 1 }]);
  expect(existsSync(join(directory, 'days', '2026-11-20.duckdb'))).toBe(false);
  expect(readdirSync(join(directory, 'days')).filter((name) => name.endsWith('.duckdb'))).toHaveLength(2);
  await store.apply([version(9, NOON)], 9);
  expect((await store.search(query)).count).toBe(3);
  await store.close();
});

test('statements of the engine reach nothing outside of the store', async () => {
  const directory = temporaryDirectory();
  const store = await openDuckDbStore({ directory, hash });
  const scope = { environments: ['prod'], visibility: {} };
  const search = (value: string) =>
    store.search({
      scope,
      from: 0,
      to: 4e12,
      filters: [{ field: 'requestId', op: 'eq', value }],
      limit: 1,
      order: 'newest',
    });
  await store.apply([version(1, NOON)], 1);
  expect((await search("x' UNION ALL SELECT content FROM read_text('/etc/passwd') --")).count).toBe(0);
  await store.close();
});

test('numbers come from rows first and from rollups once it is quiet, and are the same', async () => {
  const directory = temporaryDirectory();
  const store = await openDuckDbStore({ directory, hash });
  await store.apply(
    Array.from({ length: 500 }, (_, at) => version(at + 1, NOON + at * 1_000)),
    500,
  );
  const scope = { environments: ['prod'], visibility: {} };
  const query = {
    scope,
    from: NOON + 7_000,
    to: NOON + 480_500,
    filters: [],
    groupBy: ['outcome'],
    topN: 3,
    intervalMs: 60_000,
  } as const;
  const before = await store.volume(query);
  await store.settle();
  expect((await store.volume(query)).series).toEqual(before.series);
  await store.apply([version(501, NOON + 100_000)], 501);
  const after = await store.volume(query);
  const total = (answer: typeof before) => answer.series[0]?.values.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  expect(total(after)).toBe((total(before) ?? 0) + 1);
  await store.close();
});
