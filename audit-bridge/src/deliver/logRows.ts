import type { ConfigChange } from '@aisix-observability/evidence';
import type { StreamFile } from '@aisix-observability/pipeline';
import type { ChainHead } from '../ledger/chain.ts';
import type { ChangeVersion } from '../ledger/reader.ts';
import { HISTORY_MILLIS, PAGE_VERSIONS } from './limits.ts';
import type { LogRow } from './logRecords.ts';

/** The ledger, as far as log events tell of it. */
export interface LoggedLedger {
  versionsAfter(version: number, limit: number): ChangeVersion[];
  lastVersion(): number;
  head(): ChainHead | undefined;
  onVersions(listener: () => void): () => void;
}

export const LOG_STREAM = 'log_events';

/** Cursors of the stream file: the version taken last, the last one of before the first start, and the head published last. */
const TAKEN = 'ledger:versions';
const BEFORE = 'ledger:before';
const HEAD = 'ledger:head';

/** Brings what is new in the ledger into the stream from which destinations read: each version once, whatever fails. */
export interface LogRows {
  /** Takes a page; true when there may be more. */
  takePage(): boolean;
  /** Appends a verdict that was just given. */
  addVerdict(verdict: Omit<Extract<LogRow, { type: 'verdict' }>, 'type'>): void;
  /** Appends the ledger's head unless it was published already. */
  takeHead(): boolean;
  /** Appends a change that never happened. Returns its position. */
  takeTest(change: ConfigChange): number;
}

export function logRows(file: StreamFile, ledger: LoggedLedger, now: () => number): LogRows {
  const { cursors } = file;
  const stream = file.stream(LOG_STREAM);
  if (cursors.get(BEFORE) === undefined) cursors.set(BEFORE, ledger.lastVersion());
  const before = cursors.get(BEFORE) ?? 0;
  const recordOf = (row: LogRow) => ({ payload: JSON.stringify(row), at: now() });

  return {
    takePage() {
      const versions = ledger.versionsAfter(cursors.get(TAKEN) ?? 0, PAGE_VERSIONS);
      const last = versions.at(-1);
      if (last === undefined) return false;
      const since = now() - HISTORY_MILLIS;
      const records = versions.flatMap((version) => {
        // Nobody reads of a change that became part of another: that one names it as its alias.
        if (!('change' in version)) return [];
        // What is older than the bridge's log events is history, which backends refuse by its age.
        if (version.version <= before && version.change.occurredAt < since) return [];
        const { change, aliases } = version;
        return [recordOf({ type: 'change', change, aliases, version: version.version })];
      });
      file.transact(() => {
        if (records.length > 0) stream.appendNow(records);
        cursors.set(TAKEN, last.version);
      });
      return versions.length === PAGE_VERSIONS;
    },
    takeTest(change) {
      return file.transact(() => stream.appendNow([recordOf({ type: 'test', change, aliases: [], version: 0 })]));
    },
    addVerdict(verdict) {
      file.transact(() => stream.appendNow([recordOf({ type: 'verdict', ...verdict })]));
    },
    takeHead() {
      const head = ledger.head();
      if (head === undefined || head.seq === cursors.get(HEAD)) return false;
      file.transact(() => {
        stream.appendNow([recordOf({ type: 'head', head, publishedAt: now() })]);
        cursors.set(HEAD, head.seq);
      });
      return true;
    },
  };
}

const TYPES: ReadonlySet<LogRow['type'] | undefined> = new Set<LogRow['type']>(['change', 'test', 'verdict', 'head']);

/** The row of a payload. Its text is not repeated in the error. */
export function readLogRow(payload: string): LogRow {
  let row: Partial<LogRow> | null;
  try {
    row = JSON.parse(payload) as Partial<LogRow> | null;
  } catch {
    // The parser's message quotes the text.
    throw new UnreadableLogRowError();
  }
  if (row === null || !TYPES.has(row.type)) throw new UnreadableLogRowError();
  return row as LogRow;
}

export class UnreadableLogRowError extends Error {
  readonly code = 'unreadable_log_row';

  constructor() {
    super('the record holds no log event');
    this.name = 'UnreadableLogRowError';
  }
}
