import { resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { ParsedConfig } from '../config/parse.ts';
import { zeroConfig } from '../config/zeroConfig.ts';
import type { CommandIo } from './commandIo.ts';

/** Names the configuration file where `--config` is not given. */
export const CONFIG_VARIABLE = 'AISIX_OBSERVABILITY_CONFIG';

export interface ReadConfig extends ParsedConfig {
  /** Absent: there is no file, and everything is as it comes. */
  readonly file?: string;
}

/**
 * The configuration that a command works with: of `--config`, else of the variable, else the one for a first try.
 *
 * @throws ConfigError
 */
export async function readConfig(
  option: string | undefined,
  io: CommandIo,
  { makeCredentials = false } = {},
): Promise<ReadConfig> {
  const named = option ?? io.env[CONFIG_VARIABLE];
  if (named === undefined || named === '') return zeroConfig({ env: io.env, cwd: io.cwd, makeCredentials });
  const file = resolve(io.cwd, named);
  return { ...(await loadConfig(file, io.env)), file };
}
