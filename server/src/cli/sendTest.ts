import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { readConfig } from './readConfig.ts';

export async function sendTest(options: { config?: string }, io: CommandIo): Promise<ExitCode> {
  await readConfig(options.config, io);
  return EXIT.failed;
}
