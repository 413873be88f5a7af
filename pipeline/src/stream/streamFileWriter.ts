import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentLog } from '../observe/log.ts';
import { silentRecorder } from '../observe/recorder.ts';
import { BUSY_TIMEOUT_MS, openForWriting } from './connection.ts';
import { cursorTable } from './cursorTable.ts';
import { diskRoom, diskSpaceAt } from './diskRoom.ts';
import { StreamFileError, StreamUnavailableError } from './errors.ts';
import { freeSpace } from './freeSpace.ts';
import { groupCommit } from './groupCommit.ts';
import { guarded } from './guarded.ts';
import { type Ends, type RowWriter, rowWriter } from './rowWriter.ts';
import { createStream, hasStream } from './schema.ts';
import { isWriteRefused, sqliteCode } from './sqliteErrors.ts';
import type { Stream, StreamFile } from './stream.ts';
import type { StreamFileOptions } from './streamFileOptions.ts';
import { streamMetrics } from './streamMetrics.ts';
import { type Transactions, transactionsOf } from './transactions.ts';
import { walGuard } from './walGuard.ts';
import { takeWriterLock } from './writerLock.ts';
import { UNAVAILABLE_RETRY_SECONDS, type WriterParts, writingStream } from './writingStream.ts';

interface OpenStream {
  readonly stream: Stream;
  readonly writer: RowWriter;
  maxBytes: number;
  /** Ends as of the last commit that was counted. */
  counted: Ends;
}

/** A stream file that writes, under the writer lock. */
export function streamFileWriter(path: string, options: StreamFileOptions): StreamFile {
  const { log = silentLog, recorder = silentRecorder, now = () => performance.now() } = options;
  const lock = takeWriterLock(path);
  let db: DatabaseSync;
  try {
    db = openForWriting(path, options);
  } catch (error) {
    lock.release();
    throw error;
  }
  const metrics = streamMetrics(recorder, path);
  const transactions = transactionsOf(db, 'BEGIN IMMEDIATE');
  const wal = walGuard(db, path, BUSY_TIMEOUT_MS, now);
  const room = diskRoom(options.diskSpace ?? (() => diskSpaceAt(path)));
  const streams = new Map<string, OpenStream>();
  let closing: Promise<void> | undefined;
  /** So that a disk that stays full is told of once, not with every append. */
  let refusing = false;

  function logRefusing(why: Readonly<Record<string, unknown>>): void {
    if (!refusing) log('error', 'The disk does not take what is to be stored', { path, ...why });
    refusing = true;
  }

  function taken(): void {
    if (refusing) log('info', 'The disk takes again what is to be stored', { path });
    refusing = false;
  }

  /** The error that the caller gets for one that a write ended with; others than SQLite's stay what they are. */
  function writeError(name: string, error: unknown): unknown {
    if (!isWriteRefused(error)) return error;
    logRefusing({ sqliteCode: sqliteCode(error) });
    return new StreamUnavailableError(name, UNAVAILABLE_RETRY_SECONDS, error);
  }

  /** Everything that is due after a commit; it is durable already, so nothing here may fail it. */
  function committed(): void {
    for (const open of streams.values()) {
      if (open.counted === open.writer.ends) continue;
      // Dropping rows and noting places go on where there is no room for rows, and say nothing.
      if (open.writer.ends.lastSeq > open.counted.lastSeq) taken();
      metrics.moved(open.writer.name, open.counted, open.writer.ends);
      open.counted = open.writer.ends;
    }
    try {
      metrics.walBytes(wal.check());
    } catch (error) {
      log('warn', 'The write-ahead log could not be started over', { path, sqliteCode: sqliteCode(error) });
    }
  }

  function transact<T>(work: () => T, run: Transactions['run'] = transactions.run): T {
    if (!db.isOpen) throw new StreamFileError('stream_file_closed', path);
    let result: T;
    try {
      result = run(work);
    } catch (error) {
      throw writeError(basename(path), error);
    }
    committed();
    return result;
  }

  const groups = groupCommit({
    commit(work) {
      transactions.run(work);
    },
    stored(milliseconds, callers) {
      metrics.committed(milliseconds, callers);
      committed();
    },
    refusal(name, error) {
      if (isWriteRefused(error)) metrics.refused(name, 'unavailable');
      return writeError(name, error);
    },
    now,
  });

  const space = freeSpace(db, {
    run: (work) => transactions.runRelaxed(work),
    stopped: () => closing !== undefined,
    failed: (error) => log('warn', 'Free space could not be given back', { path, sqliteCode: sqliteCode(error) }),
  });

  const parts: WriterParts = {
    db,
    path,
    groups,
    get closing() {
      return closing !== undefined;
    },
    write: (work) => (transactions.active ? work() : transact(work)),
    trim(name, work) {
      try {
        const rows = transactions.runRelaxed(work);
        if (rows > 0) committed();
        return rows;
      } catch (error) {
        throw writeError(name, error);
      }
    },
    trimmed: () => space.giveBack(!room.toAccept(0)),
    refused: (name, reason) => metrics.refused(name, reason),
    room,
    noRoom(name) {
      space.giveBack(true);
      logRefusing({ reason: 'no_room' });
      return new StreamUnavailableError(name, UNAVAILABLE_RETRY_SECONDS, new Error('the disk is short of room'));
    },
  };

  function openStream(name: string, after: number): OpenStream {
    if (!hasStream(db, name)) transact(() => createStream(db, name, after));
    const writer = rowWriter(db, transactions, name);
    const open: OpenStream = {
      writer,
      stream: writingStream(parts, writer, () => open.maxBytes),
      maxBytes: Number.POSITIVE_INFINITY,
      counted: writer.ends,
    };
    metrics.moved(name, writer.ends, writer.ends);
    return open;
  }

  async function close(): Promise<void> {
    // Not in the middle of a `transact` that may have called this.
    await nextTurn();
    groups.flush();
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      log('warn', 'The write-ahead log stays for the next start', { path, sqliteCode: sqliteCode(error) });
    }
    db.close();
    lock.release();
  }

  return {
    stream(name, { maxBytes, newAfter = 0 } = {}) {
      const open = streams.get(name) ?? openStream(name, newAfter);
      streams.set(name, open);
      if (maxBytes !== undefined) open.maxBytes = maxBytes;
      return open.stream;
    },
    cursors: guarded(cursorTable(db, parts.write), db, path),
    transact: (work) => transact(work),
    transactRelaxed: (work) => transact(work, transactions.runRelaxed),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
