import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configFrom, type ParsedConfig } from './parse.ts';
import { ConfigError } from './problem.ts';

/** Name of the bucket that a gateway uploads to on a first try. */
export const LOCAL_BUCKET = 'gateway-logs';
const CREDENTIALS_FILE = 'local-credentials.json';

interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
}

/** Where the secrets of a server without configuration stand (0600). */
export const localCredentialsFile = (dataDir: string): string => join(dataDir, CREDENTIALS_FILE);

/**
 * What the server does without a configuration file: every live input on loopback for the environment `default`, with
 * secrets that are made once and kept in the data directory, and the destination of `OTEL_EXPORTER_OTLP_*` if set.
 *
 * @throws ConfigError when the data directory cannot be written, or a variable makes no sense.
 */
export function zeroConfig({
  env,
  cwd,
  makeCredentials,
}: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Only `start` makes secrets; a command that looks at a server leaves no trace where there is none. */
  readonly makeCredentials: boolean;
}): ParsedConfig {
  const dataDir = resolve(cwd, 'data');
  const { accessKeyId, secretAccessKey, token } = localCredentials(dataDir, makeCredentials);
  const environment = 'default';
  return configFrom(
    {
      data_dir: dataDir,
      inputs: {
        object_store: {
          access_keys: [{ id: accessKeyId, secret: secretAccessKey }],
          buckets: [{ bucket: LOCAL_BUCKET, environment }],
        },
        otlp: { tokens: [{ token, environment }] },
        telemetry: { tokens: [{ token, environment }] },
      },
    },
    { env, baseDir: cwd, source: 'the default configuration' },
  );
}

function localCredentials(dataDir: string, make: boolean): LocalCredentials {
  const file = localCredentialsFile(dataDir);
  try {
    const made: LocalCredentials = {
      accessKeyId: 'local',
      secretAccessKey: randomBytes(24).toString('base64url'),
      token: randomBytes(24).toString('base64url'),
    };
    if (!make) return existsSync(file) ? readCredentials(file) : made;
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // `wx`: of two first starts at once, one makes the file and both read it.
    writeFileSync(file, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return made;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return readCredentials(file);
    if (error instanceof ConfigError) throw error;
    throw refuse('a data directory that cannot be written', 'a directory for the data of the server');
  }
}

function readCredentials(file: string): LocalCredentials {
  try {
    const { accessKeyId, secretAccessKey, token } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string' && typeof token === 'string') {
      return { accessKeyId, secretAccessKey, token };
    }
  } catch {
    // Said below: whatever is wrong with the file, the remedy is the same.
  }
  throw refuse(
    `a file ${CREDENTIALS_FILE} without credentials`,
    'what an earlier start wrote; remove the file to have new ones',
  );
}

function refuse(found: string, expected: string): ConfigError {
  return new ConfigError('the default configuration', [{ path: 'data_dir', found, expected }]);
}
