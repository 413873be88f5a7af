import { join } from 'node:path';
import { type ChainFault, type ChainHead, verifyLedger } from '@aisix-observability/audit-bridge';
import { StreamFileError } from '@aisix-observability/pipeline';
import { LEDGER_FILE } from '../audit/places.ts';
import type { CommandIo } from './commandIo.ts';
import { EXIT, type ExitCode } from './exitCodes.ts';
import { CommandError } from './failure.ts';
import { readConfig } from './readConfig.ts';

const FAULTS: Readonly<Record<ChainFault, string>> = {
  row_altered: 'its content or its hash is not what the rows before it lead to: it was edited, inserted or moved',
  row_missing: 'it is not there, though later ones are',
  cut_off: 'it is not there, though a head beyond it was published',
  rewritten: 'a head that was published of it had another hash: all up to here was written anew',
  tombstone_missing: 'rows before it are gone, and no tombstone stands for them',
};

export interface VerifyOptions {
  readonly config?: string;
  /** `<row>:<hash>`, as the log events `aisix.ledger.head` tell them. */
  readonly head?: readonly string[];
}

/** Checks the ledger of changes, beside a running server or without one: the file is only read. */
export async function verify(options: VerifyOptions, io: CommandIo): Promise<ExitCode> {
  const { config } = await readConfig(options.config, io);
  const heads = (options.head ?? []).map(parseHead);
  const path = join(config.dataDir, LEDGER_FILE);
  const result = verified(path, heads);
  if (!result.ok && result.fault === 'not_from_rows') {
    io.out(
      `The rows of the ledger are whole, but what is kept of them does not follow from them (${result.fault}): ` +
        `somebody altered table ${result.table} at ${result.key}.\n`,
    );
    return EXIT.failed;
  }
  if (!result.ok) {
    io.out(`Row ${result.seq} of the ledger is bad (${result.fault}): ${FAULTS[result.fault]}.\n`);
    return EXIT.failed;
  }
  const { rows, dropped, head } = result;
  const before = dropped === 0 ? '' : `, and a tombstone for the ${dropped} that retention dropped before them`;
  io.out(`The ledger is whole: ${rows} rows${before}.\n`);
  if (head !== undefined) io.out(`Head: ${head.seq}:${head.hash} of ${new Date(head.at).toISOString()}\n`);
  return EXIT.ok;
}

function verified(path: string, heads: readonly ChainHead[]): ReturnType<typeof verifyLedger> {
  try {
    return verifyLedger(path, heads);
  } catch (error) {
    if (!(error instanceof StreamFileError) || error.code !== 'stream_file_missing') throw error;
    throw new CommandError(EXIT.failed, `there is no ledger at ${path}: no change was ever received there`);
  }
}

function parseHead(text: string): ChainHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new CommandError(
      EXIT.usage,
      '`--head` is the number of a row, a colon and its hash of 64 hexadecimal digits',
    );
  }
  return { seq: Number(seq), hash, at: 0 };
}
