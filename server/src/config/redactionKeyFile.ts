import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '@aisix-observability/pipeline';
import type { Config } from './config.ts';
import { ConfigError, type ConfigProblem, quote } from './problem.ts';
import { isInside, keyFileText, keyInFile, MADE_KEY_BYTES, needsRedactionKey, REDACTION_KEY } from './redactionKey.ts';

export interface RedactionKeyDeps {
  readonly log: Log;
  readonly random?: (bytes: number) => Uint8Array;
}

/** Says how to mend whatever is wrong with the file. */
const HINT = 'set `redaction.key`, or `redaction.key_file` to a file with a key outside of `data_dir`';

/** A path that is cut cannot be looked at; this is as long as systems allow them to be. */
const LONGEST_PATH = 4096;

/** Names the file; what stands in it is never shown. */
const problem = (file: string, found: string, expected: string): ConfigProblem => ({
  path: 'redaction.key_file',
  found: `${quote(file, LONGEST_PATH)}, and ${found}`,
  expected,
  hint: HINT,
});

/**
 * What is wrong with the key that this configuration needs, without making one: nothing while the file is not there
 * yet.
 */
export function redactionKeyProblem(config: Config): ConfigProblem | undefined {
  if (!needsRedactionKey(config) || 'key' in config.redaction) return undefined;
  const read = readKey(config.redaction.keyFile, config.dataDir);
  return typeof read === 'string' ? undefined : read;
}

/**
 * The configuration with the key in place, if it needs one. The first start makes the key: 32 random bytes in a file
 * that only its owner may read (0600, in a folder of 0700), and says where it lies.
 *
 * @throws ConfigError when the file cannot be made or read, holds no key, or lies in the data directory.
 */
export function withRedactionKey(config: Config, deps: RedactionKeyDeps): Config {
  if (!needsRedactionKey(config) || 'key' in config.redaction) return config;
  return { ...config, redaction: { key: takeKey(config.redaction.keyFile, config.dataDir, deps) } };
}

function takeKey(file: string, dataDir: string, { log, random = randomBytes }: RedactionKeyDeps): string {
  let read = readKey(file, dataDir);
  if (read === undefined) {
    if (makeKey(file, keyFileText(random(MADE_KEY_BYTES)), random)) {
      log('info', 'A key for hashed values was made. Keep a copy of it: agents and other servers need the same one.', {
        file,
      });
    }
    read = readKey(file, dataDir) ?? problem(file, 'it leads nowhere', 'a file, or a name that is free');
  }
  if (typeof read === 'string') return read;
  throw new ConfigError('the configuration', [read]);
}

/** The key; nothing where no file is; else what is wrong with it. */
function readKey(file: string, dataDir: string): string | ConfigProblem | undefined {
  if (isInside(dataDir, file)) {
    return problem(file, 'it lies in the data directory', 'a place that a copy of the data does not carry along');
  }
  try {
    return keyInFile(readFileSync(file, 'utf8')) ?? problem(file, 'it holds no key', `one line with ${REDACTION_KEY}`);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    return problem(file, `it cannot be read (${codeOf(error)})`, 'a file that this user may read');
  }
}

/**
 * Puts a whole file in place, or none: a name is linked to it only when it is on disk. False when another start was
 * faster; then its key holds.
 */
function makeKey(file: string, text: string, random: (bytes: number) => Uint8Array): boolean {
  const folder = dirname(file);
  const draft = `${file}.${Buffer.from(random(6)).toString('hex')}.tmp`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    try {
      linkSync(draft, file);
    } finally {
      rmSync(draft, { force: true });
    }
    syncFolder(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new ConfigError('the configuration', [
      problem(file, `it cannot be made (${codeOf(error)})`, 'a place that this user may write'),
    ]);
  }
}

/** A key that is gone after a power cut would make every value look like another one. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
