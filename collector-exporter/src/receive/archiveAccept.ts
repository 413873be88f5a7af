import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type Recorder, StreamFullError, StreamUnavailableError } from '@aisix-observability/pipeline';
import type { DecodeContext, UsageDecoded } from '../decode/context.ts';
import type { Accept, Delivery } from '../report.ts';
import { RECEIVE_METRICS } from './receiver.ts';

/** Same shape as `decodeUsageNdjson`; a parameter so that it can be replaced. */
export type DecodeNdjson = (bytes: Uint8Array, context: DecodeContext, firstLine?: number) => UsageDecoded;

/** Resolves after some milliseconds; rejects with the signal's reason when it is aborted first. */
export type Wait = (millis: number, signal: AbortSignal) => Promise<void>;

/** The process's own clock. */
export const realWait: Wait = (millis, signal) => sleep(millis, undefined, { signal });

/** Lets others have their turn: input without a single event would otherwise be gone through in one go. */
export async function breathe(): Promise<void> {
  await turn();
}

/** A stream that names no useful pause must neither be hammered nor make a reader sleep for hours. */
const MIN_PAUSE_MILLIS = 100;
const MAX_PAUSE_MILLIS = 60_000;

export interface PatientAccept {
  readonly accept: Accept;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly recorder: Recorder;
  /** Hears of every pause that the stream asked for. */
  readonly onPause?: (millis: number, code: string) => void;
}

/**
 * Hands a delivery on and, when the stream is full or its disk refuses, waits as long as the stream asks and offers
 * the same delivery again: a reader of files or of a bucket loses nothing by waiting.
 *
 * @throws whatever else `accept` throws, and the signal's reason when aborted during a pause.
 */
export async function acceptPatiently(delivery: Delivery, options: PatientAccept): Promise<void> {
  for (;;) {
    try {
      await options.accept(delivery);
      const { input, reports } = delivery;
      options.recorder.count(RECEIVE_METRICS.deliveriesAccepted, 1, { input });
      options.recorder.count(RECEIVE_METRICS.reportsAccepted, reports.length, { input });
      return;
    } catch (error) {
      if (!(error instanceof StreamFullError || error instanceof StreamUnavailableError)) throw error;
      const asked = error.retryAfterSeconds * 1000;
      const millis = Math.min(Math.max(asked, MIN_PAUSE_MILLIS), MAX_PAUSE_MILLIS);
      options.onPause?.(millis, error.code);
      await options.wait(millis, options.signal);
    }
  }
}
