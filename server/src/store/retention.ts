import type { EvidenceStore } from '@aisix-observability/evidence';
import type { Log, Recorder } from '@aisix-observability/pipeline';

/** Whole days go, so looking more often finds nothing. */
const INTERVAL_MILLIS = 10 * 60_000;

export interface RetentionOptions {
  readonly store: Pick<EvidenceStore, 'dropBefore'>;
  readonly keepMillis: number;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Drops days that are past retention, now and then. @returns stops it. */
export function startRetention({ store, keepMillis, recorder, log, now }: RetentionOptions): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const drop = async (): Promise<void> => {
    const { days, requests } = await store.dropBefore(now() - keepMillis);
    if (days === 0) return;
    recorder.count('aisix_store_requests_expired', requests);
    log('info', 'days past retention were dropped', { days, requests });
  };
  const look = (): void => {
    running = running.then(drop).catch((error: unknown) => {
      log('warn', 'days past retention could not be dropped, trying again', { error });
    });
  };
  look();
  const timer = setInterval(look, INTERVAL_MILLIS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
