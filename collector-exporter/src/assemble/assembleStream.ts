import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayRequest } from '@aisix-observability/evidence';
import type { Log, Recorder, Stream, StreamFile, StreamRow } from '@aisix-observability/pipeline';
import type { Delivery } from '../report.ts';
import { Assembler, type AssemblerCounts, type Emission } from './assembler.ts';
import { ASSEMBLY_METRICS, createReportCounter } from './assemblyMetrics.ts';
import type { Patience } from './completeness.ts';
import { requestKey, requestKeyText } from './requestKey.ts';

/** The assembler's place in the stream of deliveries; kept in the file of requests, so that both move together. */
export const ASSEMBLE_READER = 'assemble';

/** One step reads at most this much, so that destinations on the same thread get their turn. */
const STEP_LIMIT = { rows: 64, bytes: 1024 * 1024 } as const;

/** While requests wait for something, the clock is looked at this often: an open request is visible within a second. */
const TICK_MILLIS = 100;

/**
 * Requests are waited for on disk this often at most: until then deliveries are kept from which they can be made again,
 * so a power failure costs work and no data, and the disk is left to those who wait for an acknowledgement.
 */
const DURABLE_MILLIS = 500;

/** A disk that refused is tried again after this long; nothing else is done meanwhile, so nothing piles up in memory. */
const RETRY_MILLIS = 500;

export interface AssembleStreamOptions {
  /** Deliveries, read only. */
  readonly deliveries: Pick<Stream, 'read' | 'stats'>;
  /** The file that holds requests and the assembler's cursor. */
  readonly file: Pick<StreamFile, 'transact' | 'transactRelaxed' | 'cursors'>;
  readonly requests: Pick<Stream, 'appendNow' | 'byKey'>;
  readonly patience?: Patience;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called after each commit: there may be new requests. */
  readonly onCommitted?: () => void;
  /**
   * Called at the start and whenever more is on disk: deliveries up to `resumeAfter` are not needed any more, and
   * requests up to `lastSeq` stay, whatever happens.
   */
  readonly onDurable?: (progress: { readonly resumeAfter: number; readonly lastSeq: number }) => void;
  /** Called with every final version that was made durable. */
  readonly onFinal?: (request: GatewayRequest) => void;
}

export interface AssembleStream {
  /** New deliveries are there. */
  wake(): void;
  readonly counts: Readonly<AssemblerCounts>;
  readonly openRequests: number;
  /** Last delivery read; with the stream's end it tells how far behind assembly is. */
  readonly position: number;
  /** Resolves with the cause when assembly ended though nobody closed it; what it had not done is done at the next start. */
  readonly failed: Promise<Error>;
  /** Finishes the step under way and stops; what waits is read again at the next start. */
  close(): Promise<void>;
}

/**
 * Reads deliveries, appends requests. Each step appends the versions that are due and moves the cursor to the oldest
 * delivery that an open request still needs, in one transaction, so that a restart resumes exactly.
 */
export function startAssembleStream(options: AssembleStreamOptions): AssembleStream {
  const { deliveries, file, requests, recorder, log, now } = options;
  let position = startingPosition(file.cursors.get(ASSEMBLE_READER) ?? 0, deliveries, log);
  let resumeAfter = position;
  /** What of it is on disk, and since when. */
  let durable: number | undefined;
  let durableAt = Number.NEGATIVE_INFINITY;
  const assembler = new Assembler({
    resumeAfter,
    ...(options.patience !== undefined && { patience: options.patience }),
    exportedVersions: (keyText) =>
      requests
        .byKey(requestKey(keyText))
        .flatMap(({ payload, memo }) => (memo !== null && names(payload, keyText) ? [{ payload, memo }] : [])),
  });
  const countReports = createReportCounter(recorder, assembler.counts);
  let stopping = false;
  const bell = new AbortableWait();

  const commit = async (emissions: readonly Emission[], next: number, wait: boolean): Promise<void> => {
    for (;;) {
      try {
        const transact = wait ? file.transact : file.transactRelaxed;
        const lastSeq = transact(() => {
          file.cursors.set(ASSEMBLE_READER, next);
          return requests.appendNow(
            emissions.map(({ payload, memo, keyText }) => ({
              payload,
              at: now(),
              key: requestKey(keyText),
              ...(memo !== undefined && { memo }),
            })),
          );
        });
        resumeAfter = next;
        if (wait) {
          durable = next;
          durableAt = now();
          options.onDurable?.({ resumeAfter, lastSeq });
        }
        options.onCommitted?.();
        return;
      } catch (cause) {
        recorder.count(ASSEMBLY_METRICS.commitFailures, 1);
        log('error', 'requests cannot be written, trying again', { cause: String(cause) });
        if (stopping) throw cause;
        await delay(RETRY_MILLIS);
      }
    }
  };

  const read = (): { readonly rows: readonly StreamRow[]; readonly caughtUp: boolean } | undefined => {
    try {
      const rows = deliveries.read(position, STEP_LIMIT);
      const last = rows.at(-1)?.seq;
      return { rows, caughtUp: last === undefined || last >= deliveries.stats().lastSeq };
    } catch (cause) {
      recorder.count(ASSEMBLY_METRICS.readFailures, 1);
      log('error', 'deliveries cannot be read, trying again', { cause: String(cause) });
      return undefined;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const page = read();
      if (page === undefined) {
        await bell.wait(RETRY_MILLIS);
        continue;
      }
      const { rows, caughtUp } = page;
      let receivedAt = 0;
      for (const row of rows) {
        const delivery = JSON.parse(row.payload) as Delivery;
        assembler.add(row.seq, delivery);
        position = row.seq;
        receivedAt = delivery.receivedAt;
      }
      // While behind, time is that of the deliveries: what completes a request may be the next thing to be read.
      const step = assembler.step(caughtUp ? now() : receivedAt);
      const wait = Math.abs(now() - durableAt) >= DURABLE_MILLIS;
      if (step.emissions.length > 0 || step.resumeAfter !== resumeAfter || (wait && durable !== resumeAfter)) {
        await commit(step.emissions, step.resumeAfter, wait);
        for (const { request } of step.emissions) if (request.state === 'final') options.onFinal?.(request);
      }
      assembler.committed();
      recorder.gauge(ASSEMBLY_METRICS.openRequests, assembler.openRequests);
      countReports();
      const something = assembler.openRequests > 0 || durable !== resumeAfter;
      if (caughtUp) await bell.wait(something ? TICK_MILLIS : undefined);
      else await new Promise(setImmediate);
    }
  };

  const failed = Promise.withResolvers<Error>();
  const running = run().catch((cause: unknown) => {
    if (stopping) return;
    log('error', 'assembly stopped', { cause: String(cause) });
    failed.resolve(cause instanceof Error ? cause : new Error(String(cause)));
  });

  return {
    wake: () => bell.ring(),
    counts: assembler.counts,
    get openRequests() {
      return assembler.openRequests;
    },
    get position() {
      return position;
    },
    failed: failed.promise,
    async close() {
      stopping = true;
      bell.ring();
      await running;
    },
  };
}

/**
 * Where to go on. A place beyond the end belongs to a log that has lost its tail, or to another file: what is there now
 * is read from its beginning, since known facts change nothing and unread ones must not be passed over.
 */
function startingPosition(saved: number, deliveries: Pick<Stream, 'stats'>, log: Log): number {
  const { firstSeq, lastSeq } = deliveries.stats();
  if (saved <= lastSeq) return saved;
  log('warn', 'the stream of deliveries ends before the place reached in it, reading all of it', { saved, lastSeq });
  return Math.max(firstSeq - 1, 0);
}

/** The 64-bit key of a stream is a hash: two requests may share it, their ids tell them apart. */
function names(payload: string, keyText: string): boolean {
  const { environment, requestId, traceId } = JSON.parse(payload) as GatewayRequest;
  return requestKeyText({ environment, requestId, ...(traceId !== undefined && { traceId }) }) === keyText;
}

/** Waits for a ring or for a time; a ring in between is not lost. */
class AbortableWait {
  #rung = false;
  #release: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#release?.();
  }

  async wait(millis: number | undefined): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = millis === undefined ? undefined : setTimeout(resolve, millis);
        this.#release = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#release = undefined;
    this.#rung = false;
  }
}
