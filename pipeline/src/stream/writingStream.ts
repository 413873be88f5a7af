import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DiskRoom } from './diskRoom.ts';
import { StreamFileError, StreamFullError, StreamUnavailableError } from './errors.ts';
import type { GroupCommit } from './groupCommit.ts';
import { guarded } from './guarded.ts';
import { bytesOf, checkRecords } from './records.ts';
import { rowReader } from './rowReader.ts';
import type { RowWriter } from './rowWriter.ts';
import type { Stream } from './stream.ts';
import type { RefusalReason } from './streamMetrics.ts';

/** When to try again after the stream was full: readers drain at least some batches within a second. */
export const FULL_RETRY_SECONDS = 1;

/** When to try again after the disk refused: disks are rarely made room on within less. */
export const UNAVAILABLE_RETRY_SECONDS = 5;

/** What the streams of a file share. */
export interface WriterParts {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly groups: GroupCommit;
  readonly closing: boolean;
  /** Runs a write in the transaction at hand, else in one of its own. */
  write<T>(work: () => T): T;
  /** Runs a step of trimming in a transaction that does not wait for the disk. */
  trim(stream: string, work: () => number): number;
  /** Called when a run of trimming is over. */
  trimmed(): void;
  refused(stream: string, reason: RefusalReason): void;
  readonly room: DiskRoom;
  /** The error for an append that the disk has no room for, after all was done to make some. */
  noRoom(stream: string): StreamUnavailableError;
}

/** @param maxBytes asked at every append, as it may be changed while the stream is in use. */
export function writingStream(parts: WriterParts, writer: RowWriter, maxBytes: () => number): Stream {
  const { db, path, groups } = parts;
  const { name } = writer;

  /** A record larger than the bound is taken when nothing else is held: it would be refused for ever otherwise. */
  function hasRoomFor(bytes: number): boolean {
    const held = writer.ends.appendedBytes - writer.ends.trimmedBytes + groups.waitingBytes(name);
    return held === 0 || held + bytes <= maxBytes();
  }

  return {
    name,
    async append(records) {
      if (parts.closing) {
        parts.refused(name, 'closed');
        throw new StreamUnavailableError(
          name,
          UNAVAILABLE_RETRY_SECONDS,
          new StreamFileError('stream_file_closed', path),
        );
      }
      const checked = checkRecords(records);
      if (checked.length === 0) return writer.ends.lastSeq;
      const bytes = bytesOf(checked);
      if (!hasRoomFor(bytes)) {
        parts.refused(name, 'full');
        throw new StreamFullError(name, maxBytes(), FULL_RETRY_SECONDS);
      }
      if (!parts.room.toAccept(bytes + groups.waitingBytes(name))) {
        parts.refused(name, 'no_room');
        throw parts.noRoom(name);
      }
      return groups.append(writer, checked, bytes);
    },
    appendNow(records) {
      const checked = checkRecords(records);
      if (checked.length === 0) return writer.ends.lastSeq;
      if (!parts.room.toMoveOn(bytesOf(checked))) throw parts.noRoom(name);
      return parts.write(() => writer.insert(checked));
    },
    async trimTo(seq) {
      let dropped = 0;
      // Each step begins in a turn of its own: what arrived meanwhile is committed between two steps.
      for (;;) {
        await nextTurn();
        if (parts.closing) return dropped;
        const step = parts.trim(name, () => writer.trimStep(seq));
        if (step === 0) break;
        dropped += step;
      }
      if (dropped > 0) parts.trimmed();
      return dropped;
    },
    ...guarded(rowReader(db, name), db, path),
  };
}
