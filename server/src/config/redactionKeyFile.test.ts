import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Log } from '@aisix-observability/pipeline';
import { silentLog } from '@aisix-observability/pipeline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';
import { configFrom } from './parse.ts';
import { ConfigError } from './problem.ts';
import { withRedactionKey } from './redactionKeyFile.ts';

let root = '';
let keyFile = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aisix-redaction-key-'));
  keyFile = join(root, 'state', 'deep', 'redaction.key');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const hashing = (file = keyFile, hash = ['client.address']): Config =>
  configFrom(
    {
      data_dir: join(root, 'data'),
      store: { driver: 'none' },
      destinations: [{ name: 'tempo', endpoint: 'http://127.0.0.1:4318', redaction: { hash } }],
      redaction: { key_file: file },
    },
    { baseDir: root },
  ).config;

const keyOf = (config: Config, log: Log = silentLog) => {
  const { redaction } = withRedactionKey(config, { log });
  return 'key' in redaction ? redaction.key : undefined;
};

function problemOf(config: Config) {
  try {
    keyOf(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems[0];
    throw error;
  }
  return undefined;
}

function writeKey(text: string): void {
  mkdirSync(dirname(keyFile), { recursive: true });
  writeFileSync(keyFile, text);
}

describe('the key of hashed values', () => {
  it('is made when it is first needed, for its owner only, and said once', () => {
    const told: unknown[] = [];
    const log: Log = (level, message, fields) => told.push([level, message, fields]);
    const key = keyOf(hashing(), log);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(keyFile, 'utf8')).toBe(`${key}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(keyFile)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(keyFile))).toEqual(['redaction.key']);
    expect(keyOf(hashing(), log)).toBe(key);
    expect(told).toEqual([['info', expect.stringMatching(/made.*agents.*the same/), { file: keyFile }]]);
  });

  it('is not made where nothing is hashed, or where the configuration has one', () => {
    expect(keyOf(hashing(keyFile, []))).toBeUndefined();
    expect(keyOf({ ...hashing(), redaction: { key: 'redaction-key-of-tests' } })).toBe('redaction-key-of-tests');
    expect(readdirSync(root)).toEqual([]);
  });

  it('is the same for all that start at once', async () => {
    const module = new URL('./redactionKeyFile.ts', import.meta.url).href;
    const script = `
      const { withRedactionKey } = await import(${JSON.stringify(module)});
      const config = ${JSON.stringify(hashing())};
      // All at one moment, so that they meet.
      while (Date.now() < Number(process.argv[1])) ;
      process.stdout.write(withRedactionKey(config, { log: () => {} }).redaction.key);`;
    const at = String(Date.now() + 3000);
    const keys = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script, at]);
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += chunk;
        });
        await once(child, 'close');
        return text;
      }),
    );
    expect(new Set(keys)).toEqual(new Set([readFileSync(keyFile, 'utf8').trim()]));
    expect(readdirSync(dirname(keyFile))).toEqual(['redaction.key']);
  });

  it('may come from elsewhere, with or without a line break', () => {
    for (const text of ['key-of-the-other-server', 'key-of-the-other-server\n', 'key-of-the-other-server\r\n']) {
      writeKey(text);
      expect(keyOf(hashing())).toBe('key-of-the-other-server');
    }
  });

  it.each(['', '\n', 'short', 'fifteen-letters', 'one line of a key\nand another one\n', ' blanks around the key '])(
    'is refused as %j, without a word of it',
    (text) => {
      writeKey(text);
      const problem = problemOf(hashing());
      expect(problem).toMatchObject({
        path: 'redaction.key_file',
        found: `${JSON.stringify(keyFile)}, and it holds no key`,
        expected: expect.stringContaining('16 to 4096 characters'),
      });
      expect(readFileSync(keyFile, 'utf8')).toBe(text);
    },
  );

  it('is refused in the data directory, where a copy of the data would carry it along', () => {
    const inside = join(root, 'data', 'redaction.key');
    expect(problemOf(hashing(inside))?.found).toContain('it lies in the data directory');
    expect(problemOf(hashing(join(root, 'data-of-others', 'key')))).toBeUndefined();
  });

  it('that cannot be read or made is an error with its path', () => {
    mkdirSync(keyFile, { recursive: true });
    expect(problemOf(hashing())?.found).toBe(`${JSON.stringify(keyFile)}, and it cannot be read (EISDIR)`);
    writeFileSync(join(root, 'file'), '');
    expect(problemOf(hashing(join(root, 'file', 'key')))?.found).toContain('it cannot be read (ENOTDIR)');
  });

  it('that nobody can make is an error too', () => {
    symlinkSync(join(root, 'nowhere', 'deep'), join(root, 'link'));
    expect(problemOf(hashing(join(root, 'link', 'redaction.key')))?.found).toContain('it cannot be made (ENOENT)');
    expect(problemOf(hashing(join(root, 'link')))?.found).toContain('it leads nowhere');
  });

  it('is told by `check` where it is wrong, and not made by it', async () => {
    const file = join(root, 'config.yaml');
    writeFileSync(
      file,
      `destinations: [ { name: t, endpoint: "http://127.0.0.1:4318", redaction: { hash: [ client.address ] } } ]\nredaction: { key_file: ${JSON.stringify(keyFile)} }`,
    );
    await loadConfig(file, {});
    expect(readdirSync(root)).toEqual(['config.yaml']);
    writeKey('short');
    await expect(loadConfig(file, {})).rejects.toMatchObject({ problems: [{ path: 'redaction.key_file' }] });
  });
});
