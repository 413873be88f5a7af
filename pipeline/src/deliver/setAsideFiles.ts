import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Log, silentLog } from '../observe/log.ts';
import { type Recorder, silentRecorder } from '../observe/recorder.ts';
import { checkName } from './checkOptions.ts';
import { type Clock, systemClock } from './clock.ts';
import { DestinationOptionsError } from './errors.ts';
import { DESTINATION_METRICS } from './metrics.ts';
import { createOccasionalLog } from './occasionally.ts';
import type { SetAside, SetAsideEntry } from './setAside.ts';

export interface SetAsideFilesOptions {
  /** Made when it is first needed; belongs to the owner alone. */
  readonly directory: string;
  /** Of all that is kept for one destination. */
  readonly maxBytes?: number;
  readonly clock?: Clock;
  readonly recorder?: Recorder;
  readonly log?: Log;
}

/** Below this not even the shortest entries fit. */
const LEAST_MAX_BYTES = 16 * 1024;

/** Room for tens of thousands of ordinary rows; a cause that sets more aside than that is not found by reading on. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;
const NEWLINE = 0x0a;

interface Waiting {
  readonly line: Buffer;
  readonly done: () => void;
}

/** Two files per destination: the one that grows and the full one before it. */
interface Files {
  readonly path: string;
  readonly old: string;
  bytes: number | undefined;
  waiting: Waiting[];
  writing: boolean;
}

/**
 * Keeps set-aside rows as NDJSON, `<directory>/<destination>.ndjson`: `{set_aside_at, seq, at, reason, status?,
 * message?, payload}`. When that reaches half of `maxBytes` it becomes `….ndjson.old` and the one before it goes,
 * counted. A row larger than that half is kept without its payload.
 */
export function createSetAsideFiles(options: SetAsideFilesOptions): SetAside {
  const { directory } = options;
  const clock = options.clock ?? systemClock;
  const recorder = options.recorder ?? silentRecorder;
  const complain = createOccasionalLog(options.log ?? silentLog, clock);
  const halfBytes = Math.floor((options.maxBytes ?? DEFAULT_MAX_BYTES) / 2);
  if (halfBytes < LEAST_MAX_BYTES / 2) throw new DestinationOptionsError('maxBytes', `at least ${LEAST_MAX_BYTES}`);
  const byDestination = new Map<string, Files>();

  const filesOf = (destination: string): Files => {
    checkName(destination);
    let files = byDestination.get(destination);
    if (files === undefined) {
      const path = join(directory, `${destination}.ndjson`);
      files = { path, old: `${path}.old`, bytes: undefined, waiting: [], writing: false };
      byDestination.set(destination, files);
    }
    return files;
  };

  const turnOver = async (files: Files, destination: string) => {
    const dropped = await countLines(files.old);
    await rm(files.old, { force: true });
    await rename(files.path, files.old);
    files.bytes = 0;
    if (dropped === 0) return;
    recorder.count(DESTINATION_METRICS.setAsideDropped, dropped, { destination });
    complain(`dropped ${destination}`, 'warn', 'oldest rows dropped from a full set-aside file', {
      destination,
      dropped,
    });
  };

  const write = async (files: Files, destination: string, lines: readonly Buffer[]) => {
    let rest = lines;
    if (files.bytes === undefined) {
      await mkdir(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
      files.bytes = await mendTail(files.path);
    }
    while (rest.length > 0) {
      let count = 0;
      let bytes = 0;
      for (const line of rest) {
        if (files.bytes + bytes + line.length > halfBytes) break;
        bytes += line.length;
        count += 1;
      }
      if (count === 0) {
        await turnOver(files, destination);
        continue;
      }
      await append(files.path, Buffer.concat(rest.slice(0, count)));
      files.bytes += bytes;
      rest = rest.slice(count);
    }
  };

  /** Everything that waits goes in one write and one flush. */
  const drain = async (files: Files, destination: string) => {
    files.writing = true;
    while (files.waiting.length > 0) {
      const taken = files.waiting;
      files.waiting = [];
      try {
        await write(
          files,
          destination,
          taken.map((waiting) => waiting.line),
        );
      } catch (error) {
        // A torn line at worst; the size is asked for again.
        files.bytes = undefined;
        recorder.count(DESTINATION_METRICS.setAsideUnwritten, taken.length, { destination });
        complain(`unwritten ${destination}`, 'error', 'rows could not be set aside', {
          destination,
          code: (error as NodeJS.ErrnoException).code ?? 'unknown',
        });
      }
      for (const waiting of taken) waiting.done();
    }
    files.writing = false;
  };

  return {
    keep(entry) {
      const files = filesOf(entry.destination);
      return new Promise((done) => {
        files.waiting.push({ line: lineOf(entry, clock.now(), halfBytes), done });
        if (!files.writing) void drain(files, entry.destination);
      });
    },
  };
}

function lineOf(entry: SetAsideEntry, now: number, most: number): Buffer {
  const { destination: _destination, payload, ...rest } = entry;
  const head = { set_aside_at: now, ...rest };
  const line = Buffer.from(`${JSON.stringify({ ...head, payload })}\n`);
  if (line.length <= most) return line;
  return Buffer.from(`${JSON.stringify({ ...head, payload_bytes: Buffer.byteLength(payload) })}\n`);
}

async function append(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'a', OWNER_ONLY_FILE);
  try {
    await file.appendFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The size of the file. Ends a line that a crash or a full disk tore off, so that only that one is unreadable. */
async function mendTail(path: string): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
  try {
    const { size } = await file.stat();
    if (size === 0) return 0;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] === NEWLINE) return size;
    await file.write('\n', size);
    return size + 1;
  } finally {
    await file.close();
  }
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return lines;
}
