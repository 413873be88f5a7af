import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { DecodeContext } from '../decode/context.ts';
import { DECODE_METRICS } from '../decode/tally.ts';
import { decodeUsageNdjson } from '../decode/usageNdjson.ts';
import type { Accept, Delivery } from '../report.ts';
import { acceptPatiently, breathe, type DecodeNdjson, realWait, type Wait } from './archiveAccept.ts';
import { loadCheckpoint, removeCheckpoint, saveCheckpoint } from './archiveCheckpoint.ts';
import { type ArchiveFile, type ArchiveTree, listFolder, type SkippedPath, scanArchive } from './archiveFiles.ts';
import type { LineBatch } from './archiveLines.ts';
import { createPlaces, type FileTracker } from './archivePlaces.ts';
import { type BackfillProgress, createProgress } from './archiveProgress.ts';
import { type ArchiveProblem, codeOf, isMostlyBad, readArchiveFile } from './archiveRead.ts';
import { createSlots } from './archiveSlots.ts';
import { RECEIVE_METRICS } from './receiver.ts';

export interface BackfillOptions {
  /** Directory with `dt=…/hh=…` folders, below any prefix, or with files right inside. */
  readonly dir: string;
  readonly environment: string;
  readonly dataPlane?: string;
  readonly accept: Accept;
  /** Written while reading, removed when all was read; an interrupted run leaves it for the next. */
  readonly checkpointFile: string;
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** Stops after what is in flight is durable. */
  readonly signal?: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly keepRefused?: DecodeContext['keepRefused'];
  readonly decode?: DecodeNdjson;
  readonly wait?: Wait;
}

/** A line that was refused. */
export interface RefusedLine {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

export interface BackfillSummary {
  /** Files done, those of earlier runs included. */
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Events made durable by this run. */
  readonly events: number;
  /** Lines refused by this run; the first {@link MAX_REFUSED_LISTED} of them follow. */
  readonly refused: number;
  readonly refusedLines: readonly RefusedLine[];
  /** Files that could not be read to their end (or hold mostly bad lines, `too_many_refusals`); their lines before that were kept. */
  readonly problems: readonly ArchiveProblem[];
  readonly problemCount: number;
  /** Paths that were not read at all. */
  readonly skipped: readonly SkippedPath[];
  readonly skippedCount: number;
  /** An earlier run had been interrupted, and this one went on from there. */
  readonly resumed: boolean;
  /** The signal stopped it; another run with the same checkpoint file goes on. */
  readonly interrupted: boolean;
  readonly durationMillis: number;
}

/** Listed by name; all are counted. */
export const MAX_REFUSED_LISTED = 100;
export const MAX_PROBLEMS_LISTED = 1000;

/** Files of one second's flush are small: several are opened at once so that the disk's latency is hidden. */
const FILES_AT_ONCE = 4;
/** Enough for the stream's group commit to have something to group; bounds memory to as many batches. */
const DELIVERIES_AT_ONCE = 8;
/** A crash repeats at most this much work. */
const CHECKPOINT_MILLIS = 1000;
const PROGRESS_MILLIS = 200;

/**
 * Reads an archive of the `object_store` exporter and hands every event to `accept`. What it does is idempotent,
 * since the identity of a report lies in the event: a second run, or the same events by another input, change nothing.
 *
 * @throws what `accept` throws (other than a full stream, for which it waits), after leaving a checkpoint; and when
 *   `dir` cannot be read.
 */
export async function runBackfill(options: BackfillOptions): Promise<BackfillSummary> {
  const { dir, environment, dataPlane, accept, checkpointFile, onProgress, now, recorder, log } = options;
  const { decode = decodeUsageNdjson, wait = realWait } = options;
  const startedAt = now();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);

  const scanned = await scanArchive(dir, signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  // Interrupted before anything was read: an earlier checkpoint stays as it is.
  if (scanned === undefined) return interruptedAtOnce(now() - startedAt);
  const tree: ArchiveTree = scanned;
  const of = { root: tree.root, environment, ...(dataPlane === undefined ? {} : { dataPlane }) };
  const earlier = loadCheckpoint(checkpointFile, of);
  const places = createPlaces(earlier);
  const progress = createProgress(tree.files, tree.bytes, startedAt);
  const problems: ArchiveProblem[] = [];
  const refusedLines: RefusedLine[] = [];
  let problemCount = 0;
  let failure: { readonly error: unknown } | undefined;
  let savedAt = startedAt;
  let shownAt = startedAt;

  const fail = (error: unknown) => {
    if (!signal.aborted) failure = { error };
    stop.abort();
  };
  const saveNow = () => saveCheckpoint(checkpointFile, { version: 1, ...of, ...places.snapshot() });

  function tick(): void {
    const at = now();
    if (at - savedAt >= CHECKPOINT_MILLIS) {
      saveNow();
      savedAt = at;
    }
    if (at - shownAt >= PROGRESS_MILLIS) {
      onProgress?.(progress.now(at));
      shownAt = at;
    }
  }

  function refuse(file: ArchiveFile, line: number, code: string, message: string): void {
    if (refusedLines.length < MAX_REFUSED_LISTED) refusedLines.push({ path: file.path, line, code, message });
  }

  /** Resolves to the lines accepted and refused. */
  async function deliver(file: ArchiveFile, batch: LineBatch): Promise<readonly [number, number]> {
    if (batch.isBlank && !batch.tooLong) {
      await breathe();
      return [0, 0];
    }
    if (batch.tooLong) {
      recorder.count(DECODE_METRICS.reportRefused, 1, { input: 'archive', code: 'line_too_long' });
      refuse(file, batch.firstLine, 'line_too_long', 'the line is longer than an event may be');
      progress.events(0, 1);
      return [0, 1];
    }
    const { keepRefused } = options;
    const context: DecodeContext = {
      input: 'archive',
      recorder,
      now: now(),
      ...(keepRefused === undefined ? {} : { keepRefused }),
    };
    const { reports, refused, refusedCount } = decode(batch.bytes, context, batch.firstLine);
    for (const { index, code, message } of refused) refuse(file, index, code, message);
    if (reports.length > 0) {
      const delivery: Delivery = {
        input: 'archive',
        environment,
        ...(dataPlane === undefined ? {} : { dataPlane }),
        receivedAt: context.now,
        reports,
      };
      const onPause = (_millis: number, code: string) => recorder.count('aisix_archive_pauses', 1, { reason: code });
      await acceptPatiently(delivery, { accept, wait, signal, recorder, onPause });
    }
    if (reports.length === 0) await breathe();
    progress.events(reports.length, refusedCount);
    return [reports.length, refusedCount];
  }

  function damaged({ path }: ArchiveFile, code: string): void {
    problemCount += 1;
    if (problems.length < MAX_PROBLEMS_LISTED) problems.push({ path, code });
    recorder.count('aisix_archive_files_damaged', 1, { reason: code });
    log('warn', 'A file of the archive could not be read to its end; its lines before that were kept.', { path, code });
  }

  const deliveries = createSlots(DELIVERIES_AT_ONCE);

  async function readOne(file: ArchiveFile, tracker: FileTracker): Promise<void> {
    const inFlight: Promise<void>[] = [];
    let accepted = 0;
    let refused = 0;
    try {
      const { from } = tracker;
      if (from.offset > 0 && !file.path.endsWith('.gz')) progress.bytes(from.offset, true);
      const onBytes = (bytes: number) => progress.bytes(bytes);
      for await (const batch of readArchiveFile(tree.root, file, { from, onBytes, signal })) {
        const giveBack = await deliveries.take();
        if (signal.aborted) {
          giveBack();
          break;
        }
        const arrived = tracker.handedOut({ offset: batch.endOffset, lines: batch.firstLine + batch.lines - 1 });
        const delivered = deliver(file, batch).then(([acceptedNow, refusedNow]) => {
          accepted += acceptedNow;
          refused += refusedNow;
          arrived();
          tick();
        });
        inFlight.push(delivered.catch(fail).finally(giveBack));
        if (isMostlyBad(refused, accepted)) {
          damaged(file, 'too_many_refusals');
          break;
        }
      }
    } catch (error) {
      if (!signal.aborted) damaged(file, codeOf(error));
    }
    await Promise.all(inFlight);
    if (signal.aborted) return;
    tracker.done();
    progress.fileDone();
    recorder.count('aisix_archive_files', 1);
    recorder.count(RECEIVE_METRICS.receivedBytes, file.size, { input: 'archive' });
    tick();
  }

  const lanes = createSlots(FILES_AT_ONCE);
  const reading = new Set<Promise<void>>();
  try {
    for (const { path } of tree.folders) {
      if (signal.aborted) break;
      const folder = places.folder(path, await listFolder(tree.root, path));
      for (const file of folder.doneEarlier) {
        progress.fileDone();
        progress.bytes(file.size, true);
      }
      for (const [file, tracker] of folder.left()) {
        const giveBack = await lanes.take();
        if (signal.aborted) {
          giveBack();
          break;
        }
        const one: Promise<void> = readOne(file, tracker)
          .catch(fail)
          .finally(() => {
            giveBack();
            reading.delete(one);
          });
        reading.add(one);
      }
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(reading);

  const interrupted = signal.aborted;
  if (interrupted) saveNow();
  else removeCheckpoint(checkpointFile);
  const last = progress.now(now());
  onProgress?.(last);
  if (failure !== undefined) throw failure.error;
  return {
    files: last.files,
    filesTotal: last.filesTotal,
    bytes: last.bytes,
    bytesTotal: last.bytesTotal,
    events: last.events,
    refused: last.refused,
    refusedLines,
    problems,
    problemCount,
    skipped: tree.skipped,
    skippedCount: tree.skippedCount,
    resumed: earlier !== undefined,
    interrupted,
    durationMillis: now() - startedAt,
  };
}

function interruptedAtOnce(durationMillis: number): BackfillSummary {
  const nothing = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0, events: 0, refused: 0, refusedLines: [] };
  const noFaults = { problems: [], problemCount: 0, skipped: [], skippedCount: 0 };
  return { ...nothing, ...noFaults, resumed: false, interrupted: true, durationMillis };
}
