import type { Accept, Delivery } from '@aisix-observability/collector-exporter';
import { type Recorder, type Stream, StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import type { ClockOffsets } from './clockOffsets.ts';

/** What this step counts, beside what the receivers count before it; help in `telemetry/metricHelp.ts`. */
export const ACCEPT_METRICS = {
  deliveriesStored: 'aisix_deliveries_stored',
  eventsStored: 'aisix_events_stored',
  deliveriesNotStored: 'aisix_deliveries_not_stored',
  duration: 'aisix_store_duration',
} as const;

export interface AcceptOptions {
  readonly stream: Stream;
  readonly recorder: Recorder;
  readonly clockOffsets: ClockOffsets;
  /** Called with the position of every delivery that is durable. */
  readonly onStored: (seq: number) => void;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic?: () => number;
}

/**
 * Makes deliveries durable: the row is the delivery's JSON, its time the receipt.
 *
 * The returned function throws `StreamFullError` and `StreamUnavailableError` as the stream does.
 */
export function createAccept(options: AcceptOptions): Accept {
  const { stream, recorder, clockOffsets, onStored, monotonic = () => performance.now() } = options;
  return async (delivery) => {
    const { input } = delivery;
    if (delivery.reports.length === 0) return;
    const startedAt = monotonic();
    let seq: number;
    try {
      seq = await stream.append([{ payload: JSON.stringify(delivery), at: delivery.receivedAt }]);
    } catch (error) {
      recorder.count(ACCEPT_METRICS.deliveriesNotStored, 1, { input, reason: reasonOf(error) });
      throw error;
    }
    onStored(seq);
    recorder.count(ACCEPT_METRICS.deliveriesStored, 1, { input });
    for (const [feed, events] of feedsOf(delivery))
      recorder.count(ACCEPT_METRICS.eventsStored, events, { input, feed });
    recorder.observe(ACCEPT_METRICS.duration, (monotonic() - startedAt) / 1000, { input });
    clockOffsets.watch(delivery);
  };
}

function reasonOf(error: unknown): string {
  return error instanceof StreamFullError || error instanceof StreamUnavailableError ? error.code : 'internal';
}

function feedsOf({ reports }: Delivery): readonly (readonly [string, number])[] {
  let usage = 0;
  for (const report of reports) if (report.feed === 'usage') usage += 1;
  const spans = reports.length - usage;
  return [...(usage > 0 ? [['usage', usage] as const] : []), ...(spans > 0 ? [['span', spans] as const] : [])];
}
