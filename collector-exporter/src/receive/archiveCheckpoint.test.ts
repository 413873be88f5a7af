import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BackfillCheckpoint, loadCheckpoint, removeCheckpoint, saveCheckpoint } from './archiveCheckpoint.ts';
import type { ArchiveFile } from './archiveFiles.ts';
import { createPlaces } from './archivePlaces.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'archive-checkpoint-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const CHECKPOINT: BackfillCheckpoint = {
  version: 1,
  root: '/archive',
  environment: 'prod',
  folders: { 'dt=2026-11-23/hh=06': { files: 3, digest: 'd' } },
  files: { 'x.ndjson': { size: 3, mtimeMs: 4.5, offset: 2, lines: 1, done: false } },
};

test('kept for the owner only, without a trace of the writing; of another backfill it is not used', () => {
  const path = join(dir, 'sub', 'checkpoint.json');
  saveCheckpoint(path, CHECKPOINT);
  saveCheckpoint(path, CHECKPOINT);
  expect(readdirSync(join(dir, 'sub'))).toEqual(['checkpoint.json']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const of = { root: '/archive', environment: 'prod' };
  expect(loadCheckpoint(path, of)).toEqual(CHECKPOINT);
  expect(loadCheckpoint(path, { ...of, root: '/other' })).toBeUndefined();
  expect(loadCheckpoint(path, { ...of, environment: 'staging' })).toBeUndefined();
  expect(loadCheckpoint(path, { ...of, dataPlane: 'dp-1' })).toBeUndefined();
  for (const text of ['', '{', 'null', '[]', '{"version":2}', JSON.stringify({ ...CHECKPOINT, files: null })]) {
    writeFileSync(path, text);
    expect(loadCheckpoint(path, of)).toBeUndefined();
  }
  removeCheckpoint(path);
  removeCheckpoint(path);
  expect(readdirSync(join(dir, 'sub'))).toEqual([]);
});

const FILES: ArchiveFile[] = Array.from({ length: 5 }, (_, n) => ({ path: `f${n}`, size: n, mtimeMs: n }));
const trackers = (places: ReturnType<typeof createPlaces>, files = FILES) =>
  [...places.folder('', files).left()].map(([, tracker]) => tracker);

test('what is durable is a gapless start of the folder and of each file, in whatever order it became so', () => {
  const places = createPlaces();
  const [f0, f1, f2] = trackers(places);
  const first = f0?.handedOut({ offset: 10, lines: 1 });
  const second = f0?.handedOut({ offset: 20, lines: 2 });
  second?.();
  expect(places.snapshot().files).toEqual({});
  first?.();
  expect(places.snapshot().files).toEqual({ f0: { size: 0, mtimeMs: 0, offset: 20, lines: 2, done: false } });
  f2?.done();
  f1?.done();
  expect(places.snapshot().folders['']?.files).toBe(0);
  f0?.done();
  expect(places.snapshot()).toEqual({ folders: { '': { files: 3, digest: expect.any(String) } }, files: {} });
});

test('the next run takes up what is left, with new files, and starts a changed file or folder afresh', () => {
  const places = createPlaces();
  const [f0, f1, f2, f3] = trackers(places);
  f0?.done();
  f1?.done();
  f3?.done();
  f2?.handedOut({ offset: 7, lines: 3 })();
  const saved = JSON.parse(JSON.stringify(places.snapshot()));
  const left = (files: readonly ArchiveFile[]) => {
    const folder = createPlaces(saved).folder('', files);
    return {
      done: folder.doneEarlier.map((file) => file.path),
      left: [...folder.left()].map(([file, { from }]) => [file.path, from.offset]),
    };
  };
  const added = { path: 'f5', size: 1, mtimeMs: 9 };
  expect(left([...FILES, added])).toEqual({
    done: ['f0', 'f1', 'f3'],
    left: [
      ['f2', 7],
      ['f4', 0],
      ['f5', 0],
    ],
  });
  const change = (path: string) => FILES.map((file) => (file.path === path ? { ...file, size: 99 } : file));
  expect(left(change('f2'))).toEqual({
    done: ['f0', 'f1', 'f3'],
    left: [
      ['f2', 0],
      ['f4', 0],
    ],
  });
  expect(left(change('f3')).left).toEqual([
    ['f2', 7],
    ['f3', 0],
    ['f4', 0],
  ]);
  expect(left(change('f1'))).toEqual({
    done: ['f3'],
    left: [
      ['f0', 0],
      ['f1', 0],
      ['f2', 7],
      ['f4', 0],
    ],
  });
  expect(left(FILES.slice(1)).done).toEqual(['f3']);
  expect(left([])).toEqual({ done: [], left: [] });
});
