import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { StreamFileError } from './errors.ts';
import { openStreamFile } from './openStreamFile.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from './schema.ts';
import type { StreamFileOptions } from './streamFileOptions.ts';
import { startChild } from './testing/childProcess.ts';
import { temporaryPath } from './testing/temporaryPath.ts';
import { LOCK_SUFFIX } from './writerLock.ts';

const ALL = { rows: 10_000, bytes: 1e9 };

/** The code of the error that opening ends with; the message names the path. */
function failure(path: string, options?: StreamFileOptions): string {
  try {
    openStreamFile(path, options);
  } catch (error) {
    if (!(error instanceof StreamFileError)) throw error;
    expect(error.path).toBe(path);
    expect(error.message).toContain(JSON.stringify(path));
    return error.code;
  }
  return 'opened';
}

/** A closed file with rows 1 to `rows`, each of about 3 kB. */
async function fileWithRows(rows: number): Promise<string> {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const stream = file.stream('events');
  stream.appendNow(Array.from({ length: rows }, (_, index) => ({ payload: `${index + 1} `.padEnd(3000, 'x'), at: 1 })));
  await file.close();
  return path;
}

test('a new file is for its owner alone and leaves no log behind when closed', async () => {
  const path = await fileWithRows(1);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(path + LOCK_SUFFIX).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path)).sort()).toEqual(['streams.db', `streams.db${LOCK_SUFFIX}`]);
});

test('what is no stream file is refused and left as it is', () => {
  const text = temporaryPath();
  writeFileSync(text, 'a file of somebody else\n'.repeat(200));
  const other = temporaryPath();
  const db = new DatabaseSync(other);
  db.exec('CREATE TABLE mine (a); INSERT INTO mine VALUES (1)');
  db.close();
  for (const path of [text, other]) {
    const before = readFileSync(path);
    expect(failure(path)).toBe('stream_file_foreign');
    expect(failure(path, { readOnly: true })).toBe('stream_file_foreign');
    expect(readFileSync(path)).toEqual(before);
  }
});

test('a file of a newer version is refused and left as it is', async () => {
  const path = await fileWithRows(1);
  const db = new DatabaseSync(path);
  expect(db.prepare('PRAGMA application_id').get()).toEqual({ application_id: APPLICATION_ID });
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  const before = readFileSync(path);
  expect(failure(path)).toBe('stream_file_newer');
  expect(failure(path, { readOnly: true })).toBe('stream_file_newer');
  expect(readFileSync(path)).toEqual(before);
});

test('damage is told by name, when opening or when it is come across', async () => {
  const cut = await fileWithRows(100);
  truncateSync(cut, 3 * 4096);
  expect(failure(cut)).toBe('stream_file_corrupt');

  const scribbled = await fileWithRows(100);
  const bytes = readFileSync(scribbled);
  bytes.fill(0xff, Math.floor(bytes.length / 2));
  writeFileSync(scribbled, bytes);
  const file = openStreamFile(scribbled);
  expect(() => file.stream('events').read(0, ALL)).toThrow(expect.objectContaining({ code: 'stream_file_corrupt' }));
  await file.close();
});

test('an empty file, left by a kill while it was made, is as good as none', async () => {
  const path = temporaryPath();
  writeFileSync(path, '');
  expect(failure(path, { readOnly: true })).toBe('stream_file_missing');
  const file = openStreamFile(path);
  expect(await file.stream('events').append([{ payload: 'a', at: 1 }])).toBe(1);
  await file.close();
});

test('a place where no file can be is told by name', () => {
  const path = join(dirname(temporaryPath()), 'no such directory', 'streams.db');
  expect(failure(path)).toBe('stream_file_unusable');
  expect(failure(path, { readOnly: true })).toBe('stream_file_missing');
  expect(existsSync(path)).toBe(false);
});

/** A copy of a file and its log as a crash would leave them, after 20 commits of one row each. */
async function crashed(): Promise<string> {
  const path = await fileWithRows(10);
  const copy = temporaryPath();
  const file = openStreamFile(path);
  for (let row = 11; row <= 30; row += 1) await file.stream('events').append([{ payload: `${row} `, at: 1 }]);
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  await file.close();
  return copy;
}

async function seqsHeld(path: string): Promise<readonly number[]> {
  const file = openStreamFile(path);
  const rows = file.stream('events').read(0, ALL);
  expect(rows.every(({ seq, payload }) => payload.startsWith(`${seq} `))).toBe(true);
  // It goes on where it ends.
  expect(await file.stream('events').append([{ payload: 'next', at: 1 }])).toBe(rows.length + 1);
  await file.close();
  return rows.map(({ seq }) => seq);
}

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);

test('a log that ends in the middle of a commit loses that commit only', async () => {
  const whole = await crashed();
  expect(await seqsHeld(whole)).toEqual(upTo(30));

  const torn = await crashed();
  truncateSync(`${torn}-wal`, statSync(`${torn}-wal`).size - 100);
  expect(await seqsHeld(torn)).toEqual(upTo(29));
});

test('a log that ends in garbage, or in a commit of which a page is damaged, loses nothing before it', async () => {
  const longer = await crashed();
  appendFileSync(`${longer}-wal`, Buffer.alloc(10_000, 0xa5));
  expect(await seqsHeld(longer)).toEqual(upTo(30));

  const damaged = await crashed();
  const wal = readFileSync(`${damaged}-wal`);
  wal.writeUInt8(wal.readUInt8(wal.length - 50) ^ 1, wal.length - 50);
  writeFileSync(`${damaged}-wal`, wal);
  expect(await seqsHeld(damaged)).toEqual(upTo(29));
});

test('a second writer is refused, in this process and in another, until the first is gone, however it went', async () => {
  const path = temporaryPath();
  const child = startChild('holder.ts', [path]);
  await child.line(/^holding/);
  expect(failure(path)).toBe('stream_file_locked');
  const reader = openStreamFile(path, { readOnly: true });
  expect(reader.stream('events').read(0, ALL)).toHaveLength(1);
  expect(() => reader.cursors.set('reader', 1)).toThrow(expect.objectContaining({ code: 'stream_file_read_only' }));
  await child.kill();

  const file = openStreamFile(path);
  expect(failure(path)).toBe('stream_file_locked');
  expect(await file.stream('events').append([{ payload: 'mine', at: 2 }])).toBe(2);
  expect(reader.stream('events').read(1, ALL)).toHaveLength(1);
  await reader.close();
  await file.close();
  expect(failure(path)).toBe('opened');
});

test('a reader sees what is committed, streams made later too, and one view within a transaction', async () => {
  const path = temporaryPath();
  const file = openStreamFile(path);
  const reader = openStreamFile(path, { readOnly: true });
  const seen = reader.stream('events');
  expect(seen.stats()).toEqual({ rows: 0, bytes: 0, firstSeq: 0, lastSeq: 0 });
  file.stream('events').appendNow([{ payload: 'a', at: 1 }]);
  expect(seen.read(0, ALL)).toHaveLength(1);
  file.transact(() => {
    file.stream('events').appendNow([{ payload: 'b', at: 1 }]);
    expect(seen.read(0, ALL)).toHaveLength(1);
  });
  reader.transact(() => {
    expect(seen.read(0, ALL)).toHaveLength(2);
    file.stream('events').appendNow([{ payload: 'c', at: 1 }]);
    expect(seen.read(0, ALL)).toHaveLength(2);
  });
  expect(seen.read(0, ALL)).toHaveLength(3);
  await expect(seen.append([{ payload: 'd', at: 1 }])).rejects.toMatchObject({ code: 'stream_file_read_only' });
  await expect(seen.trimTo(1)).rejects.toMatchObject({ code: 'stream_file_read_only' });
  expect(() => seen.appendNow([{ payload: 'd', at: 1 }])).toThrow(StreamFileError);
  await reader.close();
  expect(() => seen.stats()).toThrow('was closed');
  await file.close();
});
