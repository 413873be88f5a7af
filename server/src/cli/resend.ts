import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { CommandError } from './failure.ts';
import { parseInstant } from './instant.ts';
import { readConfig } from './readConfig.ts';
import { withControl } from './withControl.ts';

/** Sends requests of a time range to one destination again, by the running server. */
export async function resend(
  destination: string,
  options: { config?: string; from: string; to: string },
  io: CommandIo,
): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  const now = io.now();
  const range = { from: parseInstant(options.from, now), to: parseInstant(options.to, now) };
  if (range.from > range.to) throw new CommandError(EXIT.usage, '`--from` is after `--to`');
  const { rows, items } = await withControl(config, (client) =>
    client.post<{ rows: number; items: number }>('/resend', JSON.stringify({ destination, ...range })),
  );
  if (rows === 0) {
    io.out(
      `Nothing to send again to ${destination}: of that time range it had passed no request that is still kept. What waits for it is sent anyway.\n`,
    );
    return EXIT.ok;
  }
  io.out(`Sent ${items} spans of ${rows} requests again to ${destination}.\n`);
  return EXIT.ok;
}
