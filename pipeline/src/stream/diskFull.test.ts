import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type DiskSpace, KEPT_FREE_BYTES } from './diskRoom.ts';
import { StreamUnavailableError } from './errors.ts';
import { openStreamFile } from './openStreamFile.ts';
import type { StreamRecord } from './stream.ts';
import { startChild } from './testing/childProcess.ts';
import { temporaryPath } from './testing/temporaryPath.ts';

const MIB = 2 ** 20;
const ALL = { rows: 10_000, bytes: 1e9 };
const record = (bytes: number): StreamRecord => ({ payload: 'x'.repeat(bytes), at: 1, key: 1n });

test('a file that may not grow refuses whole groups, keeps what it has, and takes rows again after a trim', async () => {
  const path = temporaryPath();
  const logged: string[] = [];
  const file = openStreamFile(path, {
    maxFileBytes: 2 * MIB,
    log: (level, message) => logged.push(`${level} ${message}`),
  });
  const stream = file.stream('events');
  let stored = 0;
  let refusal: unknown;
  while (refusal === undefined && stored < 1000) {
    // The second call fits, but shares its commit with one that does not.
    const results = await Promise.allSettled([stream.append([record(50_000)]), stream.append([record(1)])]);
    expect(new Set(results.map(({ status }) => status)).size).toBe(1);
    if (results[0]?.status === 'rejected') refusal = results[0].reason;
    else stored += 2;
  }
  expect(refusal).toBeInstanceOf(StreamUnavailableError);
  expect(refusal).toMatchObject({ code: 'stream_unavailable', retryAfterSeconds: 5 });
  expect(stored).toBeGreaterThan(20);
  expect(stream.stats()).toMatchObject({ rows: stored, lastSeq: stored });
  expect(stream.read(0, ALL)).toHaveLength(stored);

  const swallowing = () =>
    file.transact(() => {
      file.cursors.set('reader', 7);
      try {
        stream.appendNow([record(10), record(200_000)]);
      } catch {
        // A half-done append must not be committed just because somebody does not care.
      }
    });
  expect(swallowing).toThrow(StreamUnavailableError);
  expect(stream.stats().lastSeq).toBe(stored);
  expect(file.cursors.get('reader')).toBeUndefined();

  expect(await stream.append([record(1)])).toBe(stored + 1);
  expect(logged).toEqual([
    'error The disk does not take what is to be stored',
    'info The disk takes again what is to be stored',
  ]);
  expect(await stream.trimTo(10)).toBe(10);
  expect(await stream.append([record(100_000)])).toBe(stored + 2);
  await file.close();
  const again = openStreamFile(path);
  expect(again.stream('events').read(0, ALL)).toHaveLength(stored + 2 - 10);
  await again.close();
});

test('appends leave room on the disk, so that rows can move on and be dropped, and go on when there is room', async () => {
  const space: { -readonly [K in keyof DiskSpace]: number } = { availableBytes: 1e12, totalBytes: 1e12 };
  const refused: string[] = [];
  const file = openStreamFile(temporaryPath(), {
    diskSpace: () => space,
    recorder: {
      count: (_name, _value, labels) => labels?.reason && refused.push(labels.reason),
      gauge() {},
      observe() {},
    },
  });
  const stream = file.stream('events');
  await stream.append([record(1000), record(1000)]);

  space.availableBytes = KEPT_FREE_BYTES - 1;
  await expect(stream.append([record(1)])).rejects.toBeInstanceOf(StreamUnavailableError);
  expect(refused).toEqual(['no_room']);
  expect(stream.appendNow([record(1000)])).toBe(3);
  file.cursors.set('reader', 2);

  space.availableBytes = KEPT_FREE_BYTES / 2 - 1;
  expect(() => stream.appendNow([record(1)])).toThrow(StreamUnavailableError);
  file.cursors.set('reader', 3);
  expect(await stream.trimTo(2)).toBe(2);

  // Bytes lie in the log and in the file for a while.
  space.availableBytes = KEPT_FREE_BYTES + 2 * MIB - 1;
  await expect(stream.append([record(MIB)])).rejects.toBeInstanceOf(StreamUnavailableError);
  space.availableBytes = KEPT_FREE_BYTES + 2 * MIB;
  expect(await stream.append([record(MIB)])).toBe(4);

  // Of a small volume only a part is kept free.
  space.totalBytes = 8 * MIB;
  space.availableBytes = 2 * MIB + 1000;
  expect(await stream.append([record(10)])).toBe(5);
  space.availableBytes = 2 * MIB - 1000;
  await expect(stream.append([record(10)])).rejects.toBeInstanceOf(StreamUnavailableError);
  await file.close();
});

test('a file that is only written in transactions says as well when the disk takes rows again', async () => {
  const space: { -readonly [K in keyof DiskSpace]: number } = { availableBytes: 0, totalBytes: 1e12 };
  const logged: string[] = [];
  const file = openStreamFile(temporaryPath(), {
    diskSpace: () => space,
    log: (level, message) => logged.push(`${level} ${message}`),
  });
  const stream = file.stream('events');
  const move = () => {
    file.transact(() => {
      file.cursors.set('reader', 1);
      return stream.appendNow([record(10)]);
    });
  };
  expect(move).toThrow(StreamUnavailableError);
  expect(move).toThrow(StreamUnavailableError);
  // A place is small and may be noted all the same, which says nothing about rows.
  file.cursors.set('reader', 0);
  expect(logged).toEqual(['error The disk does not take what is to be stored']);
  space.availableBytes = 1e12;
  move();
  move();
  expect(logged.slice(1)).toEqual(['info The disk takes again what is to be stored']);
  await file.close();
});

test('a process that may not write larger files refuses, lives on, and stores again when it may', async () => {
  const path = temporaryPath();
  const child = startChild('filler.ts', [path], { fileSizeBlocks: 8192 });
  await child.line(/^ready/);
  let sent = 0;
  const send = (): Promise<string> => {
    sent += 1;
    child.say(`#${sent}`);
    return child.line(new RegExp(` #${sent}$`));
  };
  let stored = 0;
  while (stored < 5000 && (await send()) === `stored ${stored + 1} #${sent}`) stored += 1;
  // SQLITE_IOERR from EFBIG: the signal SIGXFSZ, whose default is to kill, has not.
  expect(child.lines.at(-1)).toBe(`refused stream_unavailable 10 #${sent}`);
  expect(stored).toBeGreaterThan(50);
  expect(await send()).toBe(`refused stream_unavailable 10 #${sent}`);

  expect(spawnSync('prlimit', [`--pid=${child.process.pid}`, '--fsize=unlimited:']).status).toBe(0);
  expect(await send()).toBe(`stored ${stored + 1} #${sent}`);
  expect(await send()).toBe(`stored ${stored + 2} #${sent}`);
  await child.kill();

  const file = openStreamFile(path);
  const rows = file.stream('events').read(0, ALL);
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: stored + 2 }, (_, index) => index + 1));
  expect(rows.at(-1)?.payload.startsWith(`#${sent} `)).toBe(true);
  await file.close();
});
