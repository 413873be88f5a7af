import { destinationCursor, type Gap } from '@aisix-observability/pipeline';
import type { ServerStatus } from '../index.ts';
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
  return withControl(config, async (client) => {
    const sent = await client.post<Sent>('/resend', JSON.stringify({ destination, ...range }));
    const { path } = await client.get<ServerStatus>('/status');
    const { text, filled } = showResent(destination, range, sent, path.gaps);
    io.out(text);
    return filled ? EXIT.ok : EXIT.failed;
  });
}

interface Sent {
  readonly rows: number;
  readonly items: number;
}

/** What was sent, and which gaps in the range are open all the same: their rows have left the stream, or lie outside of it. */
export function showResent(
  destination: string,
  range: { readonly from: number; readonly to: number },
  { rows, items }: Sent,
  gaps: readonly Gap[],
): { readonly text: string; readonly filled: boolean } {
  const reader = destinationCursor(destination);
  const open = gaps.filter((gap) => gap.reader === reader && gap.from <= range.to && gap.to >= range.from);
  const inside = (gap: Gap) => gap.from >= range.from && gap.to <= range.to;
  const lines = open.map(
    (gap) =>
      `Still a gap: ${new Date(gap.from).toISOString()} to ${new Date(gap.to).toISOString()}, ${gap.rows} requests; ${
        inside(gap) ? 'the stream of requests no longer holds all of them' : 'it reaches beyond the range'
      }.`,
  );
  return {
    text: `${[sentence(destination, rows, items), ...lines].join('\n')}\n`,
    filled: !open.some(inside),
  };
}

function sentence(destination: string, rows: number, items: number): string {
  return rows === 0
    ? `Nothing to send again to ${destination}: of that time range it had passed no request that is still kept. What waits for it is sent anyway.`
    : `Sent ${items} spans of ${rows} requests again to ${destination}.`;
}
