import type { DatabaseSync } from 'node:sqlite';
import { openForReading } from './connection.ts';
import { cursorTable } from './cursorTable.ts';
import { StreamFileError } from './errors.ts';
import { guarded } from './guarded.ts';
import { emptyReader, type RowReader, rowReader } from './rowReader.ts';
import { hasStream, rowsTable } from './schema.ts';
import type { Stream, StreamFile } from './stream.ts';
import { transactionsOf } from './transactions.ts';

/** A stream file that only reads; `transact` gives its work one unchanging view, and should be short. */
export function streamFileReader(path: string): StreamFile {
  const db = openForReading(path);
  const transactions = transactionsOf(db, 'BEGIN');
  const streams = new Map<string, Stream>();

  const refuse = (): never => {
    throw new StreamFileError('stream_file_read_only', path);
  };

  return {
    stream(name) {
      const stream = streams.get(name) ?? readingStream(db, path, name, refuse);
      streams.set(name, stream);
      return stream;
    },
    cursors: guarded(cursorTable(db, refuse), db, path),
    ...guarded({ transact: transactions.run, transactRelaxed: transactions.run }, db, path),
    async close() {
      if (db.isOpen) db.close();
    },
  };
}

function readingStream(db: DatabaseSync, path: string, name: string, refuse: () => never): Stream {
  rowsTable(name);
  let found: RowReader | undefined;
  // The writer makes a stream when it first asks for it, which may be after this connection was opened.
  const rows = (): RowReader => {
    if (found === undefined && hasStream(db, name)) found = rowReader(db, name);
    return found ?? emptyReader;
  };
  const reading: RowReader = {
    read: (after, limit) => rows().read(after, limit),
    readBetween: (range, limit) => rows().readBetween(range, limit),
    byKey: (key) => rows().byKey(key),
    bytesAfter: (after) => rows().bytesAfter(after),
    seqBefore: (at) => rows().seqBefore(at),
    stats: () => rows().stats(),
  };
  return {
    name,
    ...guarded(reading, db, path),
    append: async () => refuse(),
    appendNow: refuse,
    trimTo: async () => refuse(),
  };
}
