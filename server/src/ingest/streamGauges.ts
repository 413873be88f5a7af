import type { Recorder, Stream } from '@aisix-observability/pipeline';
import type { ClockOffsets } from './clockOffsets.ts';

export interface GaugeSources {
  readonly stream: Stream;
  readonly limitBytes: number;
  readonly clockOffsets: ClockOffsets;
  readonly recorder: Recorder;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Sets what is a state and no event; called whenever somebody is about to look. */
export function refreshGauges({ stream, limitBytes, clockOffsets, recorder, now }: GaugeSources): void {
  const { rows, bytes, oldestAt } = stream.stats();
  const labels = { stream: stream.name };
  recorder.gauge('aisix_stream_rows', rows, labels);
  recorder.gauge('aisix_stream_bytes', bytes, labels);
  recorder.gauge('aisix_stream_limit_bytes', limitBytes, labels);
  recorder.gauge('aisix_stream_age_seconds', oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000, labels);
  for (const { environment, dataPlane, input, millis } of clockOffsets.offsets()) {
    recorder.gauge('aisix_clock_offset_seconds', millis / 1000, { environment, data_plane: dataPlane, input });
  }
}
