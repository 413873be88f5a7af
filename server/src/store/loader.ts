import { setTimeout as delay } from 'node:timers/promises';
import type { EvidenceStore } from '@aisix-observability/evidence';
import type { Log, Recorder, Stream } from '@aisix-observability/pipeline';

/**
 * One step reads at most this much. A step is one transaction of the store, whose cost is mostly fixed, so that a
 * backlog is loaded in big steps; live traffic fills a small part of one.
 */
const STEP_LIMIT = { rows: 20_000, bytes: 32 * 1024 * 1024 } as const;

/** Live steps are at least this far apart: a request is visible well within two seconds, and the disk has some rest. */
const LIVE_INTERVAL_MILLIS = 400;

/** A store that refused (disk full) is tried again after this long; what is not loaded stays in the stream. */
const RETRY_MILLIS = 1_000;

/** So many refusals in a row are one line in the log: a full disk is said once a minute. */
const REFUSALS_PER_LINE = 60;

export interface LoaderOptions {
  /** Requests, read only. */
  readonly requests: Pick<Stream, 'read' | 'stats'>;
  readonly store: Pick<EvidenceStore, 'apply' | 'position'>;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Called after each step that is durable. */
  readonly onApplied: (seq: number) => void;
  readonly pause?: (millis: number) => Promise<unknown>;
}

/** Carries requests from their stream into the store. */
export interface Loader {
  /** Requests up to this position are on disk for good. */
  wake(seq: number): void;
  /** Rows of the stream that are not in the store yet. */
  behind(): number;
  /** Loads one more step, which is all that live traffic can have left, then stops. */
  close(): Promise<void>;
}

/**
 * Reads the stream from where the store stands, so that a restart goes on exactly there. A position beyond the stream's
 * end belongs to another file: all of it is read again, which changes nothing that is known.
 */
export function startLoader(options: LoaderOptions): Loader {
  const { requests, store, recorder, log, pause = delay } = options;
  let position = store.position();
  const { firstSeq, lastSeq } = requests.stats();
  if (position > lastSeq) {
    log('warn', 'the stream of requests ends before the place that the store has reached in it, reading all of it', {
      position,
      lastSeq,
    });
    position = Math.max(firstSeq - 1, 0);
  } else if (firstSeq > position + 1 && position > 0) {
    recorder.count('aisix_store_rows_missed', firstSeq - 1 - position);
    log('error', 'requests were trimmed before the store had read them', { from: position + 1, to: firstSeq - 1 });
  }
  let known = position;
  let stopping = false;
  let ring: () => void = () => {};

  const step = async (): Promise<boolean> => {
    // What a power failure could still take back is not stored: its position would be given to other requests.
    const rows = requests.read(position, STEP_LIMIT).filter(({ seq }) => seq <= known);
    const last = rows.at(-1);
    if (last === undefined) return false;
    const startedAt = performance.now();
    // The assembler knows earlier versions from the stream alone: of what was trimmed from it, it makes new ones.
    const { oldestAt } = requests.stats();
    const memory = oldestAt === undefined ? {} : { knownFrom: oldestAt };
    await store.apply(
      rows.map(({ seq, payload }) => ({ seq, json: payload, ...memory })),
      last.seq,
    );
    recorder.observe('aisix_store_apply_seconds', (performance.now() - startedAt) / 1_000);
    recorder.count('aisix_store_versions_applied', rows.length);
    position = last.seq;
    options.onApplied(position);
    return known > position;
  };

  const run = async (): Promise<void> => {
    let refusals = 0;
    for (;;) {
      let more = false;
      try {
        more = await step();
        if (refusals > 0) log('info', 'requests are written to the store again', { refusals });
        refusals = 0;
      } catch (error) {
        recorder.count('aisix_store_apply_failures', 1);
        if (refusals % REFUSALS_PER_LINE === 0) {
          log('error', 'requests cannot be written to the store, trying again', { error });
        }
        refusals += 1;
        if (stopping) return;
        await pause(RETRY_MILLIS);
        continue;
      }
      if (stopping) return;
      if (more) continue;
      await pause(LIVE_INTERVAL_MILLIS);
      if (known <= position && !stopping) {
        await new Promise<void>((resolve) => {
          ring = resolve;
        });
      }
    }
  };
  const running = run();

  return {
    wake(seq) {
      known = Math.max(known, seq);
      ring();
    },
    behind: () => Math.max(0, requests.stats().lastSeq - position),
    async close() {
      stopping = true;
      ring();
      await running;
      await step().catch((error: unknown) => log('warn', 'the last requests are loaded at the next start', { error }));
    },
  };
}
