import type { Recorder } from '@aisix-observability/pipeline';
import type { InputName, Refusal, SpanReport, UsageReport } from '../report.ts';
import type { RefusalCode } from './refusals.ts';
import type { RefusedRecord } from './refused.ts';

/** What decoding needs from outside: nothing else is read, so the same bytes give the same result. */
export interface DecodeContext {
  /** Labels the counters. */
  readonly input: InputName;
  readonly recorder: Recorder;
  /** Epoch milliseconds of the server's clock; bounds how far in the future an event may lie. */
  readonly now: number;
  /** Hears of refused bytes: hash, size, reason and a first line without values. */
  readonly keepRefused?: (record: RefusedRecord) => void;
}

/** What a batch of usage events says. */
export interface UsageDecoded {
  readonly reports: UsageReport[];
  /** In order of position; at most `MAX_REFUSALS_LISTED`. */
  readonly refused: Refusal[];
  /** All refusals, also those not listed. */
  readonly refusedCount: number;
}

/** What an OTLP trace request says. */
export interface TracesDecoded {
  readonly reports: SpanReport[];
  /** In order of position; at most `MAX_REFUSALS_LISTED`. A foreign scope is one refusal, whatever its spans. */
  readonly refused: Refusal[];
  /** Spans that were not taken, those of foreign scopes included. */
  readonly rejectedSpans: number;
  /** Present when the bytes are not an OTLP trace request at all; nothing was taken then. */
  readonly unreadable?: { readonly code: RefusalCode; readonly message: string };
}
