import type { Log, Recorder } from '@aisix-observability/pipeline';
import type { RefusedRecord } from '../decode/refused.ts';
import type { Accept, InputName } from '../report.ts';

/** What every receiver is given. */
export interface ReceiverDeps {
  /** Makes a delivery durable; a 2xx is only sent after it resolved. */
  readonly accept: Accept;
  readonly recorder: Recorder;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Hears of refused bytes: hash, size, reason and a first line without values. */
  readonly keepRefused?: (record: RefusedRecord) => void;
}

/** Metric names of the receivers. */
export const RECEIVE_METRICS = {
  deliveriesAccepted: 'aisix_deliveries_accepted',
  /** By `code`: nothing of the delivery was stored. */
  deliveriesRefused: 'aisix_deliveries_refused',
  reportsAccepted: 'aisix_reports_accepted',
  /** Bytes of bodies as received, before inflating. */
  receivedBytes: 'aisix_received_bytes',
  heartbeats: 'aisix_heartbeats',
} as const;

/** One line in the log per code and minute: somebody who knocks at the door must not fill the disk. */
const LOG_EVERY_MILLIS = 60_000;

/** Counts what was refused, and logs it now and then, by code and never with what the sender wrote. */
export class RefusalJournal {
  readonly #deps: Pick<ReceiverDeps, 'recorder' | 'log' | 'now'>;
  readonly #input: InputName;
  readonly #last = new Map<string, { at: number; suppressed: number }>();

  constructor(input: InputName, deps: Pick<ReceiverDeps, 'recorder' | 'log' | 'now'>) {
    this.#deps = deps;
    this.#input = input;
  }

  /** A whole delivery. */
  delivery(code: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#deps.recorder.count(RECEIVE_METRICS.deliveriesRefused, 1, { input: this.#input, code });
    this.#write('A delivery was refused', code, fields);
  }

  /** Some or all reports of a delivery; they were counted by the decoder. */
  reports(refused: number, first: { readonly code: string; readonly message: string }, environment: string): void {
    this.#write('Reports of a delivery were refused', first.code, { refused, reason: first.message, environment });
  }

  #write(message: string, code: string, fields: Readonly<Record<string, unknown>>): void {
    const at = this.#deps.now();
    const last = this.#last.get(code);
    if (last !== undefined && Math.abs(at - last.at) < LOG_EVERY_MILLIS) {
      last.suppressed += 1;
      return;
    }
    const since = last === undefined || last.suppressed === 0 ? {} : { alsoRefusedSince: last.suppressed };
    this.#last.set(code, { at, suppressed: 0 });
    this.#deps.log('warn', message, { input: this.#input, code, ...fields, ...since });
  }
}
