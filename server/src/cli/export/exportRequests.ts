import { createWriteStream } from 'node:fs';
import { extname, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GatewayRequest } from '@aisix-observability/evidence';
import { stringify } from 'csv-stringify';
import type { Config } from '../../config/config.ts';
import { NotRunningError } from '../../control/controlClient.ts';
import type { CommandIo } from '../commandIo.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';
import { parseInstant } from '../instant.ts';
import { readConfig } from '../readConfig.ts';
import { withControl } from '../withControl.ts';
import { CSV_COLUMNS, csvRow } from './csvRow.ts';
import { type ExportPage, type ExportQuery, readPages, type SearchOnce } from './pages.ts';
import { parseFilter } from './parseFilter.ts';
import { withOwnStore } from './withOwnStore.ts';

export interface ExportOptions {
  readonly config?: string;
  readonly from: string;
  readonly to: string;
  readonly environment?: string;
  readonly filter?: readonly string[];
  readonly text?: string;
  readonly format?: string;
  readonly output?: string;
}

const FORMATS = ['ndjson', 'csv'] as const;
type Format = (typeof FORMATS)[number];

/** Writes requests as NDJSON or CSV: asked of the running server, else read from the data directory. */
export async function exportRequests(what: string, options: ExportOptions, io: CommandIo): Promise<ExitCode> {
  if (what !== 'requests') throw new CommandError(EXIT.usage, 'only `requests` can be exported');
  const { config } = await readConfig(options.config, io);
  const now = io.now();
  const query: ExportQuery = {
    from: parseInstant(options.from, now),
    to: parseInstant(options.to, now),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    filters: (options.filter ?? []).map(parseFilter),
    ...(options.text === undefined ? {} : { text: options.text }),
  };
  if (query.from >= query.to) throw new CommandError(EXIT.usage, '`--from` is not before `--to`');
  const format = formatOf(options);
  let count = 0;
  try {
    await withSearch(config, io, async (search) => {
      // The first page before the file is made: a query that is refused leaves nothing behind.
      const pages = readPages(query, search, io.interrupted);
      const first = await pages.next();
      const sink = options.output === undefined ? undefined : createNewFile(resolve(io.cwd, options.output));
      async function* requests(): AsyncGenerator<GatewayRequest> {
        for (let page = first; page.done !== true; page = await pages.next()) {
          count += page.value.length;
          yield* page.value;
        }
      }
      await write(requests(), format, sink ?? io.stdout, { end: sink !== undefined, signal: io.interrupted });
    });
  } catch (error) {
    if (io.interrupted.aborted) return EXIT.interrupted;
    // Whoever reads has enough: `export … | head`.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return EXIT.ok;
    throw error;
  }
  io.err(`Wrote ${count} requests.\n`);
  return EXIT.ok;
}

function formatOf({ format, output }: ExportOptions): Format {
  if (format === undefined) return extname(output ?? '') === '.csv' ? 'csv' : 'ndjson';
  const known = FORMATS.find((each) => each === format);
  if (known === undefined) throw new CommandError(EXIT.usage, `\`--format\` is one of ${FORMATS.join(', ')}`);
  return known;
}

/** Personal data may be in it, so that only its owner may read it; what is there already is not written over. */
function createNewFile(path: string): Writable {
  return createWriteStream(path, { flags: 'wx', mode: 0o600 });
}

async function write(
  requests: AsyncGenerator<GatewayRequest>,
  format: Format,
  sink: Writable,
  options: { readonly end: boolean; readonly signal: AbortSignal },
): Promise<void> {
  if (format === 'ndjson') {
    await pipeline(Readable.from(ndjson(requests)), sink, options);
    return;
  }
  // Texts of callers begin with `=` or `@` if they like; a spreadsheet must not take them for formulas.
  const csv = stringify({ header: true, columns: [...CSV_COLUMNS], escape_formulas: true });
  await pipeline(Readable.from(csvRows(requests)), csv, sink, options);
}

async function* ndjson(requests: AsyncGenerator<GatewayRequest>): AsyncGenerator<string> {
  for await (const request of requests) yield `${JSON.stringify(request)}\n`;
}

async function* csvRows(requests: AsyncGenerator<GatewayRequest>): AsyncGenerator<string[]> {
  for await (const request of requests) yield csvRow(request);
}

async function withSearch(config: Config, io: CommandIo, work: (search: SearchOnce) => Promise<void>): Promise<void> {
  let begun = false;
  try {
    await withControl(config, (client) =>
      work(async (body) => {
        const page = await client.post<ExportPage>('/requests/search', JSON.stringify(body), JSON_BODY);
        begun = true;
        return page;
      }),
    );
  } catch (error) {
    if (!(error instanceof NotRunningError) || begun) throw error;
    await withOwnStore(config, io, work);
  }
}

const JSON_BODY = { 'content-type': 'application/json' } as const;
