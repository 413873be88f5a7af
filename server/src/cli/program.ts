import { Command, CommanderError } from 'commander';
import { VERSION } from '../telemetry/resource.ts';
import { agent } from './agent.ts';
import { backfill } from './backfill.ts';
import { check } from './check.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exitCodes.ts';
import { exportData } from './export/exportData.ts';
import { FILTER_HELP } from './export/parseFilter.ts';
import { showFailure } from './failure.ts';
import { investigate } from './investigate/investigate.ts';
import { CONFIG_VARIABLE } from './readConfig.ts';
import { resend } from './resend.ts';
import { sendTest } from './sendTest/sendTest.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';

const CONFIG_OPTION = [
  '--config <file>',
  `configuration file; without it $${CONFIG_VARIABLE}, else a local default`,
] as const;

/**
 * Runs one command line (without the program's own name) and answers with its exit code; writes only through `io`
 * and never throws.
 */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  /** Remembers the exit code of a command: commander itself has no place for one. */
  const run =
    <Args extends unknown[]>(command: (...args: [...Args, CommandIo]) => Promise<ExitCode>) =>
    async (...given: unknown[]) => {
      // commander adds itself as the last argument.
      code = await command(...(given.slice(0, -1) as Args), io);
    };

  // What the user typed: scripts of the workspace have the names of the commands.
  const name = io.env.npm_lifecycle_event === undefined ? 'aisix-observability' : 'pnpm';
  const program = new Command(name)
    .description(
      'Request logs and configuration changes of the AISIX AI gateway for OpenTelemetry backends and Grafana',
    )
    .version(VERSION)
    .addHelpText('after', EXIT_CODES_HELP)
    .showHelpAfterError(`See \`${name} <command> --help\` for what it takes.`)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err });
  program
    .command('start')
    .description('run the server')
    .option(...CONFIG_OPTION)
    .action(run(start));
  program
    .command('check')
    .description('read a configuration file and say what is wrong with it')
    .argument('<config>', 'configuration file')
    .action((file: string) => run(check)(file, program));
  program
    .command('backfill')
    .description('read an archive of the object_store exporter (dt=/hh= folders of NDJSON, plain or gzip)')
    .argument('<dir>', 'folder of the archive')
    .option('--environment <name>', 'environment that the archive belongs to, by id or name')
    .option('--data-plane <id>', 'data plane that wrote it, if it was one')
    .option(...CONFIG_OPTION)
    .action(run(backfill));
  program
    .command('resend')
    .description('send the requests of a time range to one destination again')
    .argument('<destination>', 'name of the destination')
    .requiredOption('--from <time>', '`2h` (ago), or a date like `2026-11-23T06:00:00Z`')
    .option('--to <time>', 'the same, or `now`', 'now')
    .option(...CONFIG_OPTION)
    .action(run(resend));
  program
    .command('export')
    .description('write the requests or changes of a time range that fulfil every filter, oldest first')
    .argument('[what]', '`requests` or `changes`', 'requests')
    .requiredOption('--from <time>', '`2h` (ago), or a date like `2026-11-23T06:00:00Z`')
    .option('--to <time>', 'the same, or `now`', 'now')
    .option('--environment <name>', 'one environment, by id or name; without it all of them')
    .option('--filter <field=op:value...>', FILTER_HELP)
    .option('--text <text>', 'looked for in every field of free text')
    .option('--format <format>', '`ndjson` or `csv`; without it as the name of the file ends, else ndjson')
    .option('--output <file>', 'a file that does not exist yet; without it stdout')
    .option(...CONFIG_OPTION)
    .action(run(exportData));
  program
    .command('investigate')
    .description('say why a request ended as it did, what it touched, and what changed of that before')
    .argument('<request id>', 'as the caller got it in `x-aisix-request-id`')
    .option('--environment <name>', 'one environment, by id or name; without it all of them')
    .option('--json', 'as JSON')
    .option(...CONFIG_OPTION)
    .action(run(investigate));
  program
    .command('status')
    .description('show how the running server does')
    .option('--json', 'as JSON')
    .option(...CONFIG_OPTION)
    .action(run(status));
  program
    .command('send-test')
    .description('send one marked test request through every configured input and see it arrive')
    .option(...CONFIG_OPTION)
    .action(run(sendTest));
  program
    .command('verify')
    .description('check the chain of the ledger of changes, and name its first bad row')
    .option('--head <row:hash...>', 'heads that were published, as log events `aisix.ledger.head` tell them')
    .option(...CONFIG_OPTION)
    .action(run(verify));
  program
    .command('agent')
    .description('watch the configuration beside a data plane, and post what changed to the server')
    .option(...CONFIG_OPTION)
    .action(run(agent));

  try {
    // Package managers hand a separating `--` through.
    await program.parseAsync(
      args.filter((arg, index) => !(index === 1 && arg === '--')),
      { from: 'user' },
    );
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return showFailure(error, io);
  }
}
