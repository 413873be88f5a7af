import type { Ledger } from '@aisix-observability/audit-bridge';
import type { Log } from '@aisix-observability/pipeline';

/** Retention is counted in days. */
const INTERVAL_MILLIS = 10 * 60_000;

export interface LedgerRetentionOptions {
  readonly ledger: Pick<Ledger, 'dropBefore'>;
  readonly keepMillis: number;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Drops rows of the ledger that are past retention, now and then. @returns stops it. */
export function startLedgerRetention({ ledger, keepMillis, log, now }: LedgerRetentionOptions): () => Promise<void> {
  let running = Promise.resolve();
  const drop = async (): Promise<void> => {
    const rows = await ledger.dropBefore(now() - keepMillis);
    if (rows > 0)
      log('info', 'Changes past retention were dropped from the ledger; a tombstone stands for them.', { rows });
  };
  const look = (): void => {
    running = running.then(drop).catch((error: unknown) => {
      log('warn', 'Changes past retention could not be dropped, trying again', { error });
    });
  };
  look();
  const timer = setInterval(look, INTERVAL_MILLIS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
