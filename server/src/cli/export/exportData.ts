import type { ConfigChange, GatewayRequest } from '@aisix-observability/evidence';
import type { CommandIo } from '../commandIo.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { CommandError } from '../failure.ts';
import { CHANGE_COLUMNS, changeRow } from './changeRow.ts';
import { CSV_COLUMNS, csvRow } from './csvRow.ts';
import { type ExportOptions, exportRows, type RowKind } from './exportRows.ts';
import { withOwnLedger } from './withOwnLedger.ts';
import { withOwnStore } from './withOwnStore.ts';

const REQUESTS: RowKind<GatewayRequest> = {
  word: 'requests',
  path: '/requests/search',
  rowsOf: ({ requests }: { readonly requests: readonly GatewayRequest[] }) => requests,
  columns: CSV_COLUMNS,
  cells: csvRow,
  withOwn: withOwnStore,
};

const CHANGES: RowKind<ConfigChange> = {
  word: 'changes',
  path: '/changes/search',
  rowsOf: ({ changes }: { readonly changes: readonly ConfigChange[] }) => changes,
  columns: CHANGE_COLUMNS,
  cells: changeRow,
  withOwn: withOwnLedger,
};

/** Writes requests or changes of a time range. */
export async function exportData(what: string, options: ExportOptions, io: CommandIo): Promise<ExitCode> {
  if (what === 'requests') return exportRows(REQUESTS, options, io);
  if (what !== 'changes') throw new CommandError(EXIT.usage, '`requests` or `changes` can be exported');
  if (options.text !== undefined)
    throw new CommandError(EXIT.usage, '`--text` is for requests; changes have `--filter`');
  return exportRows(CHANGES, options, io);
}
