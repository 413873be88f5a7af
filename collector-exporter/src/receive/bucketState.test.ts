import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FollowerSnapshot, fileFollowerState } from './bucketState.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bucket-state-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SNAPSHOT: FollowerSnapshot = {
  version: 1,
  place: 'https://s3 b p',
  openFrom: 5,
  notBefore: 4,
  partitions: { p: { taken: ['abc'], newest: 3, settled: { objects: 1, digest: '0123456789abcdef', newest: 2 } } },
  setAside: [{ key: 'k', reason: 'bad_gzip', at: 1 }],
  setAsideCount: 1,
};

test('what was saved is loaded, from a file that only the owner reads, with nothing left beside it', () => {
  const state = fileFollowerState(dir, 'prod.1');
  expect(state.load()).toBeUndefined();
  state.save(SNAPSHOT);
  state.save({ ...SNAPSHOT, openFrom: 6 });
  expect(fileFollowerState(dir, 'prod.1').load()).toEqual({ ...SNAPSHOT, openFrom: 6 });
  expect(fileFollowerState(dir, 'prod.2').load()).toBeUndefined();
  const folder = join(dir, 'followers');
  expect(readdirSync(folder)).toEqual(['prod.1.json']);
  expect([statSync(folder).mode & 0o777, statSync(join(folder, 'prod.1.json')).mode & 0o777]).toEqual([0o700, 0o600]);
});

test('a damaged one is put aside and named; one of a newer version stays and is refused', () => {
  const state = fileFollowerState(dir, 'prod');
  const path = join(dir, 'followers', 'prod.json');
  const damaged = [
    '',
    '{',
    'null',
    '7',
    JSON.stringify({ ...SNAPSHOT, openFrom: 'x' }),
    JSON.stringify({ ...SNAPSHOT, partitions: { p: { taken: [1], newest: 3 } } }),
    JSON.stringify({ ...SNAPSHOT, partitions: { p: null } }),
    JSON.stringify({ ...SNAPSHOT, partitions: { p: { taken: [], newest: 3, settled: { objects: 1, newest: 2 } } } }),
  ];
  for (const text of damaged) {
    state.save(SNAPSHOT);
    writeFileSync(path, text);
    expect(() => state.load()).toThrow(expect.objectContaining({ code: 'state_unreadable' }));
    expect(readdirSync(join(dir, 'followers'))).toEqual(['prod.json.bad']);
    expect(state.load()).toBeUndefined();
  }
  state.save(SNAPSHOT);
  writeFileSync(path, '{"version":2}');
  expect(() => state.load()).toThrow(expect.objectContaining({ code: 'state_newer' }));
  expect(readdirSync(join(dir, 'followers'))).toContain('prod.json');
});

test('a name that could leave the folder is refused', () => {
  for (const name of ['', '..', '.hidden', 'a/b', '../x', 'a\nb', 'x'.repeat(101)]) {
    expect(() => fileFollowerState(dir, name)).toThrow(RangeError);
  }
});
