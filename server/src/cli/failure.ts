import { ConfigError } from '../config/problem.ts';
import { showConfigError } from '../config/show.ts';
import { NotRunningError } from '../control/controlClient.ts';
import { DataDirError } from '../dataDir/dataDir.ts';
import { escapeText } from '../telemetry/log.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';

/** A command that cannot go on for a reason that the user can mend. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** Tells what went wrong in words for a person, and with which code to exit. Never shows a stack. */
export function showFailure(error: unknown, io: Pick<CommandIo, 'err'>): ExitCode {
  if (error instanceof ConfigError) {
    io.err(showConfigError(error));
    return EXIT.usage;
  }
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? ` (${error.hint})` : '';
  const message = error instanceof Error ? error.message : String(error);
  io.err(`${escapeText(`${code}${message}${hint}`)}\n`);
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof NotRunningError) return EXIT.notRunning;
  if (error instanceof DataDirError) return EXIT.dataDir;
  return EXIT.failed;
}
