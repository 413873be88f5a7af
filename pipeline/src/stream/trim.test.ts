import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FREE_KEPT_BYTES } from './freeSpace.ts';
import { openStreamFile } from './openStreamFile.ts';
import { TRIM_STEP_BYTES, TRIM_STEP_ROWS } from './rowWriter.ts';
import type { StreamRecord } from './stream.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const MIB = 2 ** 20;
const records = (count: number, bytes: number): StreamRecord[] =>
  Array.from({ length: count }, () => ({ payload: 'x'.repeat(bytes), at: 1 }));

test('rows are dropped in steps of bounded rows and bytes, and appends are acknowledged in between', async () => {
  const dropped: number[] = [];
  const file = openStreamFile(temporaryPath(), {
    recorder: {
      count: (name, value) => name === 'aisix_stream_rows_trimmed' && dropped.push(value),
      gauge() {},
      observe() {},
    },
  });
  const stream = file.stream('events');
  const small = TRIM_STEP_ROWS * 3 + 1;
  const large = Math.floor(TRIM_STEP_BYTES / MIB) + 2;
  stream.appendNow(records(small, 1));
  stream.appendNow(records(large, MIB));
  let trimming = true;
  const trimmed = stream.trimTo(Number.POSITIVE_INFINITY).finally(() => {
    trimming = false;
  });
  expect(await stream.append(records(1, 1))).toBe(small + large + 1);
  expect(trimming).toBe(true);
  expect(await trimmed).toBe(small + large + 1);
  expect(dropped.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...dropped)).toBe(TRIM_STEP_ROWS);
  expect(dropped.at(-1)).toBeLessThan(large);
  expect(await stream.trimTo(5)).toBe(0);
  expect(await stream.trimTo(-1)).toBe(0);
  await file.close();
});

test('space of dropped rows is used again', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  for (let round = 0; round < 60; round += 1) {
    await stream.append(records(10, 100_000));
    await stream.trimTo(stream.stats().lastSeq - 50);
  }
  expect(stream.stats().bytes).toBe(50 * 100_000);
  await file.close();
  expect(statSync(path).size).toBeLessThan(12 * MIB);
});

test('what a large backlog took is given back to the disk once it is gone, but for a part', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  for (let round = 0; round < 10; round += 1) stream.appendNow(records(16, MIB));
  await stream.append(records(3, 1000));
  const large = statSync(path).size;
  expect(large).toBeGreaterThan(120 * MIB);
  await stream.trimTo(160);
  const deadline = performance.now() + 10_000;
  while (statSync(path).size > FREE_KEPT_BYTES && performance.now() < deadline) await sleep(5);
  expect(statSync(path).size).toBeLessThanOrEqual(FREE_KEPT_BYTES);
  expect(stream.read(0, { rows: 10, bytes: 1e6 }).map(({ seq }) => seq)).toEqual([161, 162, 163]);
  await file.close();
});

test('on a disk that is short of room everything that is free is given back', async () => {
  const path = temporaryPath();
  let availableBytes = 1e12;
  const file = openStreamFile(path, { diskSpace: () => ({ availableBytes, totalBytes: 1e12 }) });
  const stream = file.stream('events');
  for (let round = 0; round < 3; round += 1) stream.appendNow(records(10, MIB));
  await stream.trimTo(20);
  await sleep(50);
  expect(statSync(path).size).toBeGreaterThan(20 * MIB);
  availableBytes = 0;
  await expect(stream.append(records(1, 1))).rejects.toMatchObject({ code: 'stream_unavailable' });
  const deadline = performance.now() + 5000;
  while (statSync(path).size > 12 * MIB && performance.now() < deadline) await sleep(5);
  expect(statSync(path).size).toBeLessThan(12 * MIB);
  await file.close();
});
