import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listFolder, MAX_DEPTH, scanArchive } from './archiveFiles.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'archive-files-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(path: string, text = '{}\n', seconds = 1): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
  utimesSync(join(dir, path), seconds, seconds);
}

test('folders come in order of partition, whatever lies above them; other files are not counted', async () => {
  put('dt=unknown/hh=00/u.ndjson');
  put('b/dt=2026-11-23/hh=02/x.ndjson.gz', '12345');
  put('a/dt=2026-11-23/hh=10/x.ndjson');
  put('a/dt=2026-11-22/hh=23/x.ndjson');
  put('flat.ndjson', '1234567');
  put('README.md');
  put('a/dt=2026-11-22/hh=23/x.ndjson.bak');
  put('empty/readme');
  const tree = await scanArchive(dir);
  expect(tree.folders.map((folder) => folder.path)).toEqual([
    'a/dt=2026-11-22/hh=23',
    'b/dt=2026-11-23/hh=02',
    'a/dt=2026-11-23/hh=10',
    '',
    'dt=unknown/hh=00',
  ]);
  expect([tree.files, tree.bytes, tree.skippedCount]).toEqual([5, 3 + 5 + 3 + 3 + 7, 0]);
});

test('files of a folder come in the order in which they were written', async () => {
  put('dt=2026-11-22/hh=23/a.ndjson', '{}\n', 30);
  put('dt=2026-11-22/hh=23/c.ndjson', '{}\n', 10);
  put('dt=2026-11-22/hh=23/b.ndjson', '{}\n', 10);
  const files = await listFolder(dir, 'dt=2026-11-22/hh=23');
  expect(files.map((file) => file.path.at(-8))).toEqual(['b', 'c', 'a']);
});

test('links are not followed, neither out of the directory nor round in a circle, and are named', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'archive-outside-'));
  writeFileSync(join(outside, 'secret.ndjson'), '{}\n');
  put('dt=2026-11-22/hh=23/x.ndjson');
  symlinkSync(outside, join(dir, 'dt=2026-11-23'));
  symlinkSync(join(outside, 'secret.ndjson'), join(dir, 'dt=2026-11-22/hh=23/y.ndjson'));
  symlinkSync('..', join(dir, 'dt=2026-11-22/loop'));
  const tree = await scanArchive(dir);
  expect(tree.files).toBe(1);
  expect(tree.skipped).toHaveLength(3);
  expect(tree.skipped).toContainEqual({ path: 'dt=2026-11-23', reason: 'symlink' });
  rmSync(outside, { recursive: true });
});

test('too deep a tree is named, an absent directory is an error, the directory itself may be a link', async () => {
  put(`${Array.from({ length: MAX_DEPTH + 1 }, () => 'd').join('/')}/x.ndjson`);
  put('y.ndjson');
  const tree = await scanArchive(dir);
  expect([tree.files, tree.skipped[0]?.reason]).toEqual([1, 'too_deep']);
  await expect(scanArchive(join(dir, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  const link = `${dir}-link`;
  symlinkSync(dir, link);
  expect((await scanArchive(link)).files).toBe(1);
  rmSync(link);
});
