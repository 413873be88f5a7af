import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { DecodeContext, UsageDecoded } from '../decode/context.ts';
import { DECODE_METRICS } from '../decode/tally.ts';
import { decodeUsageNdjson } from '../decode/usageNdjson.ts';
import type { Accept, Delivery, UsageReport } from '../report.ts';
import { acceptPatiently, breathe, type DecodeNdjson, realWait, type Wait } from './archiveAccept.ts';
import { loadCheckpoint, removeCheckpoint, saveCheckpoint } from './archiveCheckpoint.ts';
import { type ArchiveFile, type ArchiveTree, listFolder, scanArchive } from './archiveFiles.ts';
import type { LineBatch } from './archiveLines.ts';
import { createPacker } from './archivePack.ts';
import { createPlaces, type FileTracker } from './archivePlaces.ts';
import { type BackfillProgress, createProgress } from './archiveProgress.ts';
import { damageOf, isMostlyBad, MAX_EVENTS_PER_DELIVERY, readArchiveFile } from './archiveRead.ts';
import { createSlots } from './archiveSlots.ts';
import { type BackfillSummary, createFindings, interruptedAtOnce } from './archiveSummary.ts';
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
  const findings = createFindings();
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

  async function send(reports: readonly UsageReport[]): Promise<void> {
    const delivery: Delivery = {
      input: 'archive',
      environment,
      ...(dataPlane === undefined ? {} : { dataPlane }),
      receivedAt: now(),
      reports,
    };
    const onPause = (_millis: number, code: string) => recorder.count('aisix_archive_pauses', 1, { reason: code });
    await acceptPatiently(delivery, { accept, wait, signal, recorder, onPause });
    progress.events(reports.length, 0);
  }

  function decodeBatch(file: ArchiveFile, batch: LineBatch): Pick<UsageDecoded, 'reports' | 'refusedCount'> {
    if (batch.tooLong) {
      recorder.count(DECODE_METRICS.reportRefused, 1, { input: 'archive', code: 'line_too_long' });
      const message = 'the line is longer than an event may be';
      findings.refused({ path: file.path, line: batch.firstLine, code: 'line_too_long', message });
      return { reports: [], refusedCount: 1 };
    }
    if (batch.isBlank) return { reports: [], refusedCount: 0 };
    const { keepRefused } = options;
    const context: DecodeContext = {
      input: 'archive',
      recorder,
      now: now(),
      ...(keepRefused === undefined ? {} : { keepRefused }),
    };
    const decoded = decode(batch.bytes, context, batch.firstLine);
    for (const { index, code, message } of decoded.refused) {
      findings.refused({ path: file.path, line: index, code, message });
    }
    return decoded;
  }

  function damaged({ path }: ArchiveFile, code: string): void {
    findings.damaged({ path, code });
    recorder.count('aisix_archive_files_damaged', 1, { reason: code });
    log('warn', 'A file of the archive could not be read to its end; its lines before that were kept.', { path, code });
  }

  const packer = createPacker({
    maxEvents: MAX_EVENTS_PER_DELIVERY,
    packsAtOnce: DELIVERIES_AT_ONCE,
    send,
    onError: fail,
  });

  /** Resolves when a file has been read; what was read becomes durable with its pack. */
  async function readOne(file: ArchiveFile, tracker: FileTracker): Promise<void> {
    let accepted = 0;
    let refused = 0;
    let pending = 1;
    const oneLess = () => {
      pending -= 1;
      if (pending > 0) return;
      tracker.done();
      progress.fileDone();
      recorder.count('aisix_archive_files', 1);
      recorder.count(RECEIVE_METRICS.receivedBytes, file.size, { input: 'archive' });
      tick();
    };
    try {
      const { from } = tracker;
      if (from.offset > 0 && !file.path.endsWith('.gz')) progress.bytes(from.offset, true);
      const onBytes = (bytes: number) => progress.bytes(bytes);
      for await (const batch of readArchiveFile(tree.root, file, { from, onBytes, signal })) {
        const { reports, refusedCount } = decodeBatch(file, batch);
        accepted += reports.length;
        refused += refusedCount;
        progress.events(0, refusedCount);
        const arrived = tracker.handedOut({ offset: batch.endOffset, lines: batch.firstLine + batch.lines - 1 });
        if (reports.length === 0) {
          arrived();
          await breathe();
        } else {
          pending += 1;
          await packer.add(reports, () => {
            arrived();
            oneLess();
            tick();
          });
        }
        if (signal.aborted) return;
        if (isMostlyBad(refused, accepted)) {
          damaged(file, 'too_many_refusals');
          break;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const code = damageOf(error);
      if (code === undefined) throw error;
      damaged(file, code);
    }
    oneLess();
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
  if (!signal.aborted) await packer.flush();
  await packer.idle();

  const interrupted = signal.aborted;
  try {
    if (interrupted) saveNow();
    else removeCheckpoint(checkpointFile);
  } catch (error) {
    failure ??= { error };
  }
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
    refusedLines: findings.refusedLines,
    problems: findings.problems,
    problemCount: findings.problemCount(),
    skipped: tree.skipped,
    skippedCount: tree.skippedCount,
    resumed: earlier !== undefined,
    interrupted,
    durationMillis: now() - startedAt,
  };
}
