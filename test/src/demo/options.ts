import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** Ends by itself after so many seconds; absent: runs until it is stopped. */
  readonly seconds?: number;
  /** Simulated requests per second. */
  readonly rate: number;
  /** Whether a page shows the Grafana data source. */
  readonly preview: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: pnpm demo [--seconds N] [--rate N] [--no-preview]

Starts the server on a temporary directory, replays a recorded evening of a real
gateway into it, goes on with simulated live traffic and changes of configuration,
and shows what arrives at an OpenTelemetry backend. A page on this machine shows
the Grafana data source with the same data, without a Grafana.

  --seconds N   end after N seconds (default: run until Ctrl-C)
  --rate N      simulated requests per second, 0.1 to 200 (default 5)
  --no-preview  without the page
`;

const DEFAULT_RATE = 5;
/** Beyond this the picture says nothing and the generator itself costs a core. */
const MAX_RATE = 200;

/**
 * Reads the command line.
 *
 * @throws TypeError or RangeError whose message names the flag and what was expected.
 */
export function demoOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    // `pnpm demo -- --seconds 5` hands the dashes over too.
    args: args.filter((arg) => arg !== '--'),
    options: {
      seconds: { type: 'string' },
      rate: { type: 'string' },
      'no-preview': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seconds = values.seconds === undefined ? undefined : inRange('--seconds', values.seconds, 1, 86_400);
  const rate = values.rate === undefined ? DEFAULT_RATE : inRange('--rate', values.rate, 0.1, MAX_RATE);
  return { ...(seconds !== undefined && { seconds }), rate, preview: !values['no-preview'], help: values.help };
}

function inRange(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high)) {
    throw new RangeError(`${flag} must be a number from ${low} to ${high}, found ${JSON.stringify(text)}.`);
  }
  return value;
}
