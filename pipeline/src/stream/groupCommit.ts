import type { CheckedRecord } from './records.ts';
import type { RowWriter } from './rowWriter.ts';

/**
 * Bytes after which a group is committed though more is waiting: keeps one commit, during which the event loop stands
 * still, in the order of tens of milliseconds. A single larger append is a group of its own.
 */
export const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** One accepted call of `append` that waits for its commit. */
interface Waiting {
  readonly writer: RowWriter;
  readonly records: readonly CheckedRecord[];
  readonly bytes: number;
  resolve(lastSeq: number): void;
  reject(error: unknown): void;
}

/** Commits what callers append within one turn of the event loop together: one transaction, one fsync. */
export interface GroupCommit {
  append(writer: RowWriter, records: readonly CheckedRecord[], bytes: number): Promise<number>;
  /** Bytes of a stream that wait for their commit. */
  waitingBytes(stream: string): number;
  /** Commits everything that waits, at once. */
  flush(): void;
}

export interface GroupCommitSteps {
  /** Runs a group in one transaction; throws if it was not stored. */
  commit(work: () => void): void;
  /** Called after a group was stored: the milliseconds it took, and how many calls it was made of. */
  stored(milliseconds: number, callers: number): void;
  /** What a caller gets to hear when its group failed. */
  refusal(stream: string, error: unknown): unknown;
  now(): number;
}

export function groupCommit(steps: GroupCommitSteps): GroupCommit {
  let waiting: Waiting[] = [];
  const bytesByStream = new Map<string, number>();
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After the I/O callbacks of this turn, so that everything that has arrived by then shares one fsync.
    setImmediate(() => {
      scheduled = false;
      commitGroup(takeGroup());
      if (waiting.length > 0) schedule();
    });
  }

  function takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of waiting) {
      if (count > 0 && bytes + more > MAX_GROUP_BYTES) break;
      bytes += more;
      count += 1;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const { writer, bytes: done } of group) addBytes(writer.name, -done);
    return group;
  }

  function addBytes(stream: string, bytes: number): void {
    bytesByStream.set(stream, (bytesByStream.get(stream) ?? 0) + bytes);
  }

  function commitGroup(group: readonly Waiting[]): void {
    if (group.length === 0) return;
    const lastSeqs: number[] = [];
    const start = steps.now();
    try {
      steps.commit(() => {
        for (const { writer, records } of group) lastSeqs.push(writer.insert(records));
      });
    } catch (error) {
      for (const { writer, reject } of group) reject(steps.refusal(writer.name, error));
      return;
    }
    for (const [index, { resolve }] of group.entries()) resolve(lastSeqs[index] as number);
    steps.stored(steps.now() - start, group.length);
  }

  return {
    append(writer, records, bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      waiting.push({ writer, records, bytes, resolve, reject });
      addBytes(writer.name, bytes);
      schedule();
      return promise;
    },
    waitingBytes: (stream) => bytesByStream.get(stream) ?? 0,
    flush() {
      while (waiting.length > 0) commitGroup(takeGroup());
    },
  };
}
