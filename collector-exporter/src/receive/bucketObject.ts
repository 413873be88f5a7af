import type { Recorder } from '@aisix-observability/pipeline';
import type { DecodeContext } from '../decode/context.ts';
import { MAX_LINE_BYTES } from '../decode/limits.ts';
import { DECODE_METRICS } from '../decode/tally.ts';
import { decodeUsageNdjson } from '../decode/usageNdjson.ts';
import type { Accept, Delivery } from '../report.ts';
import { acceptPatiently, breathe, type DecodeNdjson, type Wait } from './archiveAccept.ts';
import { InflateError, type InflateFault, inflate } from './archiveInflate.ts';
import { lineBatches } from './archiveLines.ts';
import { isMostlyBad, MAX_BYTES_PER_DELIVERY, MAX_EVENTS_PER_DELIVERY } from './archiveRead.ts';

/** Same bounds as for uploads: the exporter's objects hold 100 events and some kilobytes. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;
export const MAX_OBJECT_INFLATED_BYTES = 256 * 1024 * 1024;

/** Why an object's content is at fault, however often it is read. */
export type ObjectFault = InflateFault | 'object_too_large' | 'too_many_refusals';

export interface ObjectContext {
  readonly environment: string;
  readonly dataPlane?: string;
  readonly accept: Accept;
  readonly decode?: DecodeNdjson;
  readonly keepRefused?: DecodeContext['keepRefused'];
  readonly recorder: Recorder;
  readonly now: () => number;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly onPause: (millis: number, code: string) => void;
}

export interface ObjectResult {
  readonly events: number;
  readonly refused: number;
  /** The lines before it were kept. */
  readonly fault?: ObjectFault;
}

/**
 * Decodes one object (`.gz` is inflated) and hands its events on, some at a time; resolves when all are durable.
 *
 * @throws what `accept` throws, other than a full stream, for which it waits.
 */
export async function acceptObject(key: string, stored: Uint8Array, context: ObjectContext): Promise<ObjectResult> {
  const { environment, dataPlane, accept, decode = decodeUsageNdjson, keepRefused, recorder, now, wait } = context;
  let events = 0;
  let refusedLines = 0;
  const bytes = key.endsWith('.gz')
    ? inflate(once(stored), { maxBytes: MAX_OBJECT_INFLATED_BYTES, size: stored.length })
    : once(stored);
  const limits = { maxLines: MAX_EVENTS_PER_DELIVERY, maxBytes: MAX_BYTES_PER_DELIVERY, maxLineBytes: MAX_LINE_BYTES };
  try {
    for await (const batch of lineBatches(bytes, limits)) {
      if (batch.tooLong) {
        recorder.count(DECODE_METRICS.reportRefused, 1, { input: 'follow_bucket', code: 'line_too_long' });
        refusedLines += 1;
        continue;
      }
      if (batch.isBlank) {
        await breathe();
        continue;
      }
      const receivedAt = now();
      const decoded = decode(
        batch.bytes,
        {
          input: 'follow_bucket',
          recorder,
          now: receivedAt,
          ...(keepRefused === undefined ? {} : { keepRefused }),
        },
        batch.firstLine,
      );
      refusedLines += decoded.refusedCount;
      if (isMostlyBad(refusedLines, events + decoded.reports.length)) {
        return { events, refused: refusedLines, fault: 'too_many_refusals' };
      }
      if (decoded.reports.length === 0) {
        await breathe();
        continue;
      }
      const delivery: Delivery = {
        input: 'follow_bucket',
        environment,
        ...(dataPlane === undefined ? {} : { dataPlane }),
        receivedAt,
        reports: decoded.reports,
      };
      await acceptPatiently(delivery, { accept, wait, recorder, signal: context.signal, onPause: context.onPause });
      events += decoded.reports.length;
    }
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    return { events, refused: refusedLines, fault: error.code };
  }
  return { events, refused: refusedLines };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
