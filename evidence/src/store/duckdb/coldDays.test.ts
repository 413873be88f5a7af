import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exampleRequest } from '../conformance/exampleRequest.ts';
import { openDuckDbStore } from './openDuckDbStore.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const HOUR = 3_600_000;

test('a day that nothing is written to any more is brought from its log into its file, however little it holds', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cold-days-'));
  let elapsed = 0;
  const store = await openDuckDbStore({ directory, hash: (text) => text, now: () => elapsed });
  onTestFinished(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const log = join(directory, 'days/2026-11-20.duckdb.wal');
  const logBytes = () => (existsSync(log) ? statSync(log).size : 0);
  const versions = Array.from({ length: 100 }, (_, index) => ({
    seq: index + 1,
    json: JSON.stringify(exampleRequest({ requestId: `r-${index}`, startTime: NOON + index, endTime: NOON + index })),
  }));
  await store.apply(versions, versions.length);
  expect(logBytes()).toBeGreaterThan(0);
  elapsed += HOUR;
  await expect.poll(logBytes, { timeout: 60_000, interval: 200 }).toBe(0);
  expect((await store.stats()).requests).toBe(100);

  // A correction opens the log again, and only for so long.
  await store.apply([{ seq: 101, json: JSON.stringify(exampleRequest({ requestId: 'late', startTime: NOON })) }], 101);
  expect(logBytes()).toBeGreaterThan(0);
  elapsed += HOUR;
  await expect.poll(logBytes, { timeout: 60_000, interval: 200 }).toBe(0);
  expect((await store.stats()).requests).toBe(101);
}, 150_000);
