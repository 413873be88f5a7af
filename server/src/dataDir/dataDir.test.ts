import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirError, openDataDir } from './dataDir.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-data-dir-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const codeOf = (work: () => unknown) => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof DataDirError ? error.code : String(error);
  }
};

describe('data directory', () => {
  it('is made for its owner only, with the version in it', () => {
    const dir = openDataDir(join(root, 'a', 'data'));
    expect(statSync(dir.path).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dir.path, 'VERSION'), 'utf8')).toBe('1\n');
    dir.close();
  });

  it('belongs to one at a time, in this process and in others, and is free again after closing', () => {
    const dir = openDataDir(root);
    expect(codeOf(() => openDataDir(root))).toBe('data_dir_locked');
    const code = `import { openDataDir } from ${JSON.stringify(join(import.meta.dirname, 'dataDir.ts'))};
      try { openDataDir(${JSON.stringify(root)}).close(); console.log('open'); } catch (error) { console.log(error.code); }`;
    const fromAnother = () =>
      spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }).stdout.trim();
    expect(fromAnother()).toBe('data_dir_locked');
    dir.close();
    expect(fromAnother()).toBe('open');
  });

  it('refuses a newer version and leaves it untouched', () => {
    writeFileSync(join(root, 'VERSION'), '7\n');
    expect(codeOf(() => openDataDir(root))).toBe('data_dir_newer');
    expect(readFileSync(join(root, 'VERSION'), 'utf8')).toBe('7\n');
    // The refusal gave the lock back.
    writeFileSync(join(root, 'VERSION'), '1\n');
    openDataDir(root).close();
  });

  it('migrates step by step and goes on after an interruption', () => {
    openDataDir(root).close();
    const done: number[] = [];
    let broken = true;
    const migrations = [
      () => done.push(1),
      () => {
        if (broken) throw new Error('power failure');
        done.push(2);
      },
    ];
    expect(() => openDataDir(root, { version: 3, migrations })).toThrow('power failure');
    expect(readFileSync(join(root, 'VERSION'), 'utf8')).toBe('2\n');
    broken = false;
    openDataDir(root, { version: 3, migrations }).close();
    expect(done).toEqual([1, 2]);
    expect(readFileSync(join(root, 'VERSION'), 'utf8')).toBe('3\n');
  });

  it.each(['', 'x', '0', '1.5'])('refuses a VERSION that is none: %j', (text) => {
    writeFileSync(join(root, 'VERSION'), text);
    expect(codeOf(() => openDataDir(root))).toBe('data_dir_unusable');
  });

  it('says so when the place is a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    expect(codeOf(() => openDataDir(file))).toBe('data_dir_unusable');
    expect(existsSync(file)).toBe(true);
  });
});
