import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config, TlsConfig } from './config.ts';
import { MAX_CONFIG_BYTES, type ParsedConfig, parseConfig } from './parse.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { redactionKeyProblem } from './redactionKeyFile.ts';

/**
 * Reads, checks and completes a configuration file. Relative paths in it start at its own folder.
 *
 * @throws ConfigError with everything that is wrong; a file that cannot be read is one of those.
 */
export async function loadConfig(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ParsedConfig> {
  const path = resolve(file);
  const parsed = parseConfig(await readText(path), { env, baseDir: dirname(path), source: path });
  const problems = await unreadableFiles(parsed.config);
  if (problems.length > 0) throw new ConfigError(path, problems);
  return parsed;
}

/** The usual mistakes in words; everything else by its code. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no file of this name',
  EISDIR: 'a directory',
  EACCES: 'a file that this user may not read (EACCES)',
};

async function readText(path: string): Promise<string> {
  const refuse = (found: string, expected: string) => new ConfigError(path, [{ path: '', found, expected }]);
  let bytes: Buffer;
  try {
    if ((await stat(path)).size > MAX_CONFIG_BYTES) {
      throw refuse('a file over 1 MiB', 'a configuration file of at most 1 MiB');
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refuse(
      UNREADABLE[errorCode(error)] ?? `a file that cannot be read (${errorCode(error)})`,
      'a readable YAML file',
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('bytes that are no UTF-8', 'a YAML file in UTF-8');
  }
}

/** Certificates and keys that are needed but cannot be read: better said at `check` than at the first connection. */
async function unreadableFiles(config: Config): Promise<ConfigProblem[]> {
  const named: [path: string, file: string | undefined][] = [
    ...tlsFiles('ingest.tls', config.ingest.tls),
    ...tlsFiles('api.tls', config.api.tls),
    ...config.destinations.flatMap(({ tls }, index): [string, string | undefined][] => [
      [`destinations[${index}].tls.ca_file`, tls?.caFile],
      [`destinations[${index}].tls.cert_file`, tls?.certFile],
      [`destinations[${index}].tls.key_file`, tls?.keyFile],
    ]),
  ];
  const problems = await Promise.all(
    named.map(async ([path, file]): Promise<ConfigProblem | undefined> => {
      if (file === undefined) return undefined;
      try {
        await access(file, constants.R_OK);
        return undefined;
      } catch (error) {
        return { path, found: `a file that cannot be read (${errorCode(error)})`, expected: 'a readable PEM file' };
      }
    }),
  );
  return [...problems, redactionKeyProblem(config)].filter((problem) => problem !== undefined);
}

function tlsFiles(path: string, tls: TlsConfig | undefined): [string, string | undefined][] {
  return [
    [`${path}.cert_file`, tls?.certFile],
    [`${path}.key_file`, tls?.keyFile],
    [`${path}.client_ca_file`, tls?.clientCaFile],
  ];
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
