import { StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import type { Delivery } from '../report.ts';
import { RECEIVE_METRICS, type ReceiverDeps, type RefusalJournal } from './receiver.ts';

/** What the sender is told when nothing says how long the trouble lasts. */
export const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** Whether a delivery is on disk now; if not, when to come again. */
export type Durability =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'stream_full' | 'stream_unavailable'; readonly retryAfterSeconds: number };

/** Stores a delivery and counts it. A delivery without reports is nothing to store. */
export async function makeDurable(
  delivery: Delivery,
  deps: Pick<ReceiverDeps, 'accept' | 'recorder' | 'log'>,
  journal: RefusalJournal,
): Promise<Durability> {
  const { input, reports } = delivery;
  try {
    if (reports.length > 0) await deps.accept(delivery);
  } catch (error) {
    const full = error instanceof StreamFullError;
    const code = full ? 'stream_full' : 'stream_unavailable';
    const known = full || error instanceof StreamUnavailableError;
    journal.delivery(code, known ? { message: error.message } : { error: nameOf(error) });
    const retryAfterSeconds = known ? Math.max(1, Math.ceil(error.retryAfterSeconds)) : DEFAULT_RETRY_AFTER_SECONDS;
    return { ok: false, code, retryAfterSeconds };
  }
  deps.recorder.count(RECEIVE_METRICS.deliveriesAccepted, 1, { input });
  deps.recorder.count(RECEIVE_METRICS.reportsAccepted, reports.length, { input });
  return { ok: true };
}

/** An unforeseen error is named by its class: its message may quote what was stored. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
